import { describe, expect, it } from "vitest"
import { CONFIG_FILES, defaultsOf, type NodeKey } from "../../../../src/core/node-keys/node-key.ts"
import { isOfType } from "../../../../src/core/node-keys/value-type.ts"
import { isNodeVersion, NODE_VERSIONS, nodeKeys } from "../../../../src/core/node-keys/versions.ts"
import { tomlFromFlat } from "../../../../src/core/render/toml.ts"
import { listedKeys } from "../../../support/node-keys/listed-keys.ts"

function everyKey(): NodeKey[] {
  return NODE_VERSIONS.flatMap((version) => CONFIG_FILES.flatMap((file) => [...nodeKeys(version)[file].values()]))
}

describe.each(NODE_VERSIONS)("the settings of %s", (version) => {
  it("are exactly those that its node's own init writes, in the same order", () => {
    const listed = listedKeys(version)
    for (const file of CONFIG_FILES) expect(Object.entries(defaultsOf(nodeKeys(version)[file]))).toEqual(listed[file])
    expect(listed.config).toHaveLength(99)
    expect(listed.app.length).toBeGreaterThanOrEqual(42)
  })

  it("can be written as TOML and come back as they were meant", () => {
    for (const file of CONFIG_FILES) expect(tomlFromFlat("defaults", defaultsOf(nodeKeys(version)[file]))).toContain("# defaults\n")
  })
})

describe("every setting", () => {
  it("has a default of its own type", () => {
    expect(everyKey().filter((entry) => !isOfType(entry.type, entry.default))).toEqual([])
  })

  it("is a duration where its default looks like one, and digits where it is a number as text", () => {
    const kinds = (pattern: RegExp) =>
      new Set(everyKey().flatMap(({ default: value, type }) => (typeof value === "string" && pattern.test(value) ? [type.kind] : [])))
    expect([kinds(/^(\d+(ms|s|m|h))+$/), kinds(/^\d+$/)]).toEqual([new Set(["duration"]), new Set(["digits"])])
  })

  it("says where upstream defines it", () => {
    for (const { source } of everyKey()) expect(source).toMatch(/^(CometBFT|SDK|simapp) \S+\.go \w+/)
  })

  it("says why gonka-ha owns it, in words that end a sentence", () => {
    for (const { owned } of everyKey()) if (owned !== undefined) expect(owned).toMatch(/^[^A-Z].{20,}[^.]$/)
  })
})

it("knows its versions, and takes no other", () => {
  expect(isNodeVersion("gonka-0.2")).toBe(true)
  expect(isNodeVersion("toString")).toBe(false)
  expect(() => nodeKeys("gonka-9")).toThrow("no table of node settings for the version gonka-9")
})
