import { readFileSync } from "node:fs"
import { join } from "node:path"
import { consensusAddress } from "../../src/core/consensus-address.ts"
import { type CheckedSpec, checkSpec, fileLayer } from "../../src/core/spec/check.ts"
import { parseSource, type SourceFile } from "../../src/core/spec/document.ts"
import { resolve } from "../../src/core/spec/resolve.ts"
import type { Spec } from "../../src/core/spec/schema.ts"
import type { Layer } from "../../src/core/spec/traced.ts"
import type { Topology } from "../../src/core/topology.ts"
import { identityOfPublicKey } from "../../src/edge/ed25519.ts"
import { sha256 } from "../../src/edge/sha256.ts"
import { PROFILES_DIR } from "./package-paths.ts"

/** A node id that depends on the name alone, so that the same bytes come out on every machine. */
export function fixedNodeId(node: string): string {
  return sha256(node).slice(0, 40)
}

/** A spec's texts, checked like the command line does it: the first is the file, the others are overlays. */
export function checkedTexts(...texts: readonly string[]): CheckedSpec {
  const sources = texts.map((text, index) => sourceOf(index === 0 ? "gonka-ha.yaml" : `gonka-ha.overlay-${index}.yaml`, text))
  const [first, ...overlays] = sources
  if (!first) throw new Error("there is no text")
  return checkSpec({
    profile: profileNamedBy(sources),
    files: [fileLayer("spec", first), ...overlays.map((source) => fileLayer("overlay", source))],
  })
}

/** The topology of a golden spec, with fixed node ids. */
export function goldenTopology(...texts: readonly string[]): Topology {
  const { spec, issues } = checkedTexts(...texts)
  const errors = issues.filter((issue) => issue.severity === "error")
  if (!spec || errors.length > 0) throw new Error(`the golden spec is wrong: ${JSON.stringify(errors)}`)
  return resolve(spec, fixedIdentities(spec))
}

/** Identities as `keys generate` would make them, but the same every time. */
export function fixedIdentities(spec: Spec) {
  const nodes = [...Object.keys(spec.sentries), ...Object.keys(spec.private)]
  const prefix = spec.chain?.consensusAddressPrefix ?? ""
  return {
    nodeIds: new Map(nodes.map((node) => [node, fixedNodeId(node)])),
    validators: new Map(
      Object.entries(spec.validators).map(([name, { pubkey }]) => {
        const { addressHex } = identityOfPublicKey(Buffer.from(pubkey, "base64"))
        return [name, { address: addressHex, consensusAddress: consensusAddress(prefix, addressHex) }]
      }),
    ),
  }
}

export function profileLayer(name: string): Layer {
  const file = `${name}.yaml`
  return { kind: "profile", name, value: sourceOf(file, readFileSync(join(PROFILES_DIR, file), "utf8")).value }
}

function sourceOf(file: string, text: string): SourceFile {
  const { source, issues } = parseSource(file, text)
  if (!source) throw new Error(`${file} is not a spec: ${JSON.stringify(issues)}`)
  return source
}

function profileNamedBy(sources: readonly SourceFile[]): Layer | undefined {
  const named = sources.map(({ value }) => (typeof value === "object" && value !== null ? Reflect.get(value, "profile") : undefined))
  const name = named.findLast((value) => typeof value === "string")
  return typeof name === "string" ? profileLayer(name) : undefined
}
