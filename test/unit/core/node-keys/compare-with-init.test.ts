import { describe, expect, it } from "vitest"
import { compareWithInit } from "../../../../src/core/node-keys/compare-with-init.ts"
import { NODE_VERSIONS, nodeKeys } from "../../../../src/core/node-keys/versions.ts"
import { initFiles } from "../../../support/node-keys/init-files.ts"

const keys = nodeKeys("gonka-0.2")

describe("the files of an image", () => {
  it.each(NODE_VERSIONS)("differ in nothing from the table of %s when they have its keys and defaults", (version) => {
    expect(compareWithInit(nodeKeys(version), initFiles(version))).toEqual([])
  })

  it("are compared by what they mean, not by how they are written", () => {
    const { config, app } = initFiles("gonka-0.2", { app: (text) => text.replace("index-events = []", "index-events = [ # none\n]") })
    const written = { config: `# a comment\n${config.replace("900", "9_00")}`, app }
    expect(compareWithInit(keys, written)).toEqual([])
  })

  it("have a key that the table has not", () => {
    const more = {
      config: (text: string) => `new_key = "x"\n${text}`,
      app: (text: string) => `${text}\n[telemetry.slow]\nquery = 9007199254740993\n`,
    }
    expect(compareWithInit(keys, initFiles("gonka-0.2", more))).toEqual([
      { kind: "image-only", file: "config", key: "new_key", image: "x" },
      { kind: "image-only", file: "app", key: "telemetry.slow.query", image: "9007199254740993" },
    ])
  })

  it("have values of forms that no table has", () => {
    const strange = (text: string) => `${text}\n[odd]\nsince = 2026-11-23T12:00:00Z\npairs = [["a", "b"]]\nrows = [{ a = 1 }]\nempty = {}\n`
    expect(compareWithInit(keys, initFiles("gonka-0.2", { app: strange })).map((difference) => [difference.key, difference])).toEqual([
      ["odd.since", { kind: "image-only", file: "app", key: "odd.since", image: expect.stringMatching(/^2026-11-23T12:00:00/) }],
      ["odd.pairs", { kind: "image-only", file: "app", key: "odd.pairs", image: [["a", "b"]] }],
      ["odd.rows", { kind: "image-only", file: "app", key: "odd.rows", image: [{ a: 1 }] }],
    ])
  })

  it("lack a key that the table has", () => {
    const less = {
      config: (text: string) => text.replace(/^pex = true\n/m, ""),
      app: (text: string) => text.replace(/^halt-time = 0\n/m, ""),
    }
    expect(compareWithInit(keys, initFiles("gonka-0.2", less))).toEqual([
      { kind: "ours-only", file: "config", key: "p2p.pex", ours: true },
      { kind: "ours-only", file: "app", key: "halt-time", ours: 0 },
    ])
  })

  it("have another default, also of another type", () => {
    const other = {
      config: (text: string) => text.replace("send_rate = 5120000", "send_rate = 1").replace('"HEAD", "GET"', '"GET", "HEAD"'),
      app: (text: string) => text.replace('query-gas-limit = "0"', "query-gas-limit = 0"),
    }
    expect(compareWithInit(keys, initFiles("gonka-0.2", other))).toEqual([
      { kind: "default", file: "config", key: "rpc.cors_allowed_methods", ours: ["HEAD", "GET", "POST"], image: ["GET", "HEAD", "POST"] },
      { kind: "default", file: "config", key: "p2p.send_rate", ours: 5120000, image: 1 },
      { kind: "default", file: "app", key: "query-gas-limit", ours: "0", image: 0 },
    ])
  })

  it("are no TOML", () => {
    expect(() => compareWithInit(keys, initFiles("gonka-0.2", { config: (text) => `${text}\n= 5` }))).toThrow("TOML")
  })
})
