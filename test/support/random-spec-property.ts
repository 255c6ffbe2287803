import fc from "fast-check"
import { expect } from "vitest"
import { hasErrors, type Issue } from "../../src/core/issue.ts"
import { type FileSet, renderFiles } from "../../src/core/render/fileset.ts"
import { checkSpec, fileLayer } from "../../src/core/spec/check.ts"
import { parseSource, type SourceFile } from "../../src/core/spec/document.ts"
import { resolve } from "../../src/core/spec/resolve.ts"
import type { Spec } from "../../src/core/spec/schema.ts"
import type { Layer } from "../../src/core/spec/traced.ts"
import type { Topology } from "../../src/core/topology.ts"
import { sha256 } from "../../src/edge/sha256.ts"
import { fixedIdentities, profileLayer } from "./golden-topology.ts"
import { expectFilesToSay } from "./rendered-as-meant.ts"
import { STAND_IN_SCRIPTS } from "./scripts.ts"
import { isSpecMap, reordered } from "./spec-map.ts"

const FILE = "gonka-ha.yaml"
const PROFILES = new Map<unknown, Layer>(["devnet", "gonka-mainnet", "gonka-testnet"].map((name) => [name, profileLayer(name)]))

type Accepted = { readonly source: SourceFile; readonly profile: Layer; readonly spec: Spec }

/** The spec, when nothing is wrong with it. Whatever the text is, there are only issues, all of them well-formed. */
function accepted(text: string): Accepted | undefined {
  const { source, issues: unread } = parseSource(FILE, text)
  expectIssues(unread, text)
  if (!source) {
    expect(hasErrors(unread)).toBe(true)
    return undefined
  }
  const profile = isSpecMap(source.value) ? PROFILES.get(source.value.profile) : undefined
  const { spec, issues } = checkSpec({ profile, files: [fileLayer("spec", source)] })
  expectIssues(issues, text)
  return profile && spec && !hasErrors(issues) ? { source, profile, spec } : undefined
}

/** Severity, rule, path, message, and a place that is in the file. */
function expectIssues(issues: readonly Issue[], text: string): void {
  const lines = issues.length === 0 ? [] : text.split("\n")
  const wrong = issues.filter(({ severity, rule, path, message, place }) => {
    const isNamed = ["error", "warning"].includes(severity) && /^GHA-\d{3}$/.test(rule ?? "") && typeof path === "string" && message !== ""
    const line = place && place.file === FILE && place.line >= 1 ? lines[place.line - 1] : undefined
    return !isNamed || place === undefined || line === undefined || place.column < 1 || place.column > line.length + 1
  })
  expect(wrong).toEqual([])
}

function rendered(topology: Topology): FileSet {
  return renderFiles(topology, STAND_IN_SCRIPTS, sha256)
}

/** Nodes as they are written, groups counted: told by the file alone. */
function writtenNodes(value: unknown): number {
  const pools = isSpecMap(value) ? [value.sentries, value.private] : []
  return pools
    .flatMap((pool) => (isSpecMap(pool) ? Object.values(pool) : []))
    .reduce<number>((sum, node) => sum + (isSpecMap(node) && typeof node.count === "number" ? node.count : 1), 0)
}

function expectAsMeant({ source, profile, spec }: Accepted, order: number, known: Set<string>): void {
  const topology = resolve(spec, fixedIdentities(spec))
  expect(topology.nodes).toHaveLength(writtenNodes(source.value))
  const bytes = bytesOf(topology)
  const turned = checkSpec({ profile, files: [fileLayer("spec", { ...source, value: reordered(source.value, order) })] })
  if (!turned.spec || hasErrors(turned.issues)) throw new Error("the same spec with its keys in another order is refused")
  const same = resolve(turned.spec, fixedIdentities(turned.spec))
  expect(bytesOf(same)).toBe(bytes)
  // Many specs mean the same, and rendering sees nothing but what they mean.
  if (known.has(bytes)) return
  known.add(bytes)
  const files = rendered(topology)
  expectFilesToSay(topology, files)
  // That topologies with the same bytes have the same files is tried now and then.
  if (order % 4 === 0) expect(rendered(same)).toEqual(files)
}

/** Every part of a topology in the order in which rendering comes across it. */
function bytesOf(topology: Topology): string {
  return JSON.stringify({ ...topology, composePatches: [...topology.composePatches] })
}

/**
 * Specs of any form never crash the validator, and every accepted one renders to files that say what it means. What goes wrong is shown
 * with the seed and the path that bring it back. @returns the share of accepted specs
 */
export function tryRandomSpecs(texts: fc.Arbitrary<string>, runs: number): number {
  let count = 0
  const known = new Set<string>()
  fc.assert(
    fc.property(texts, fc.nat({ max: 1000 }), (text, order) => {
      const found = accepted(text)
      if (!found) return
      count += 1
      expectAsMeant(found, order, known)
    }),
    { numRuns: runs },
  )
  return count / runs
}
