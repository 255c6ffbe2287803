import { describe, expect, it } from "vitest"
import { parseProbe } from "../../../../src/core/observe/parse-probe.ts"

const ID = "a".repeat(64)
const row = (...cells: readonly string[]) => `${cells.join("\t")}\n`
const END = row("end")
const STATE = '{"height":"41","round":"0","step":2,"block_id":null} '

it("reads everything that a host says", () => {
  const operation = { id: "op", kind: "promote", from: "node-1", to: "node-2", by: "anna@desk", since: "now", startHeight: 40 }
  const text =
    row("file", "compose.yaml", "d1") +
    row("file", "secrets/signers/main/consensus.key", "d2") +
    row("file", "nodes/a b/config/x", "d3") +
    row("owner", "node-1", "parking ") +
    row("signer", "main", "aim", "node-1 ") +
    row("signer", "main", "floor", "40 ") +
    row("signer", "main", "epoch", "7 ") +
    row("signer", "main", "fence", "host replaced  by hand ") +
    row("signer", "main", "operation.json", `${JSON.stringify(operation)} `) +
    row("signer", "main", "state", STATE) +
    row("tmkms", "123", ID, "0B00A8C0:6822 0100007F:0050 ", "/gonka-ha/config/tmkms-node-1.toml") +
    row("tmkms", "124", "", "", "") +
    row("disk", "1000", "250") +
    row("clock", "1795435200123", "1") +
    END
  const seen = parseProbe(text)
  expect([...seen.files]).toEqual([
    ["compose.yaml", "d1"],
    ["secrets/signers/main/consensus.key", "d2"],
    ["nodes/a b/config/x", "d3"],
  ])
  expect(seen.disk).toEqual({ kind: "seen", value: { totalBytes: 1_024_000, freeBytes: 256_000 } })
  expect(seen.clock).toEqual({ ms: 1795435200123, resolutionMs: 1 })
  expect([...seen.owners]).toEqual([["node-1", "parking"]])
  expect([...seen.signers]).toEqual([
    [
      "main",
      {
        aim: "node-1",
        floor: 40,
        fence: "host replaced  by hand",
        epoch: 7,
        operation,
        state: { kind: "ok", state: { height: 41, round: 0, step: 2 }, sealed: false },
        keySha256: "d2",
      },
    ],
  ])
  expect(seen.tmkms).toEqual([
    { pid: 123, containerId: ID, connections: ["192.168.0.11:26658", "127.0.0.1:80"], config: "/gonka-ha/config/tmkms-node-1.toml" },
    { pid: 124, containerId: undefined, connections: [], config: "" },
  ])
})

it.each([
  ["nothing", ""],
  ["no end", row("file", "compose.yaml", "d1")],
  ["an end that is not the last word", END + row("file", "compose.yaml", "d1")],
  ["an end that is cut off", `${row("file", "compose.yaml", "d1")}en`],
])("does not take %s for an empty host", (_, text) => {
  expect(() => parseProbe(text)).toThrow("cut short")
})

it("takes an empty host for one", () => {
  for (const text of [END, row("absent") + END, `${END}\n\n`]) {
    const { files, owners, signers, tmkms } = parseProbe(text)
    expect([files.size, owners.size, signers.size, tmkms.length]).toEqual([0, 0, 0, 0])
  }
})

it("does not mind rows that it does not know, nor rows without their cells", () => {
  const { files, tmkms } = parseProbe(row("weather", "fine") + row("file", "x") + row("owner") + END)
  expect([...files]).toEqual([["x", ""]])
  expect(tmkms).toEqual([])
})

describe("a signer of which only a part is there", () => {
  const main = (...rows: readonly string[]) => parseProbe(rows.join("") + END).signers.get("main")

  it("has no state, no floor, no aim and no key", () => {
    expect(main(row("signer", "main", "epoch", "1"))).toEqual({
      aim: undefined,
      floor: undefined,
      fence: undefined,
      epoch: 1,
      operation: undefined,
      state: { kind: "missing" },
      keySha256: undefined,
    })
  })

  it.each(["", "x", "-1", "1.5", "1 2"])("has no floor when it says %j", (floor) => {
    expect(main(row("signer", "main", "floor", floor))?.floor).toBeUndefined()
  })

  it("is fenced also when the fence says nothing", () => {
    expect(main(row("signer", "main", "fence", ""))?.fence).toBe("")
  })

  it("has a damaged state when the state is cut off", () => {
    expect(main(row("signer", "main", "state", STATE.slice(0, 20)))?.state).toMatchObject({ kind: "damaged" })
  })

  it("is not read at all when its operation is not whole", () => {
    expect(() => main(row("signer", "main", "operation.json", '{"id":'))).toThrow()
  })
})

describe("what is recorded of a key outside of the deployment", () => {
  const marked = new Map([["lab-1-ABCD", "main"]])
  const main = (...rows: readonly string[]) => parseProbe(rows.join("") + END, marked).signers.get("main")

  it("counts as much as what is inside: either fence, and the higher floor", () => {
    expect(main(row("mark", "lab-1-ABCD", "fence", "replaced "), row("mark", "lab-1-ABCD", "floor", "90 "))).toMatchObject({
      fence: "replaced",
      floor: 90,
      aim: undefined,
      state: { kind: "missing" },
    })
    expect(main(row("signer", "main", "floor", "100 "), row("mark", "lab-1-ABCD", "floor", "90 "))?.floor).toBe(100)
    expect(main(row("signer", "main", "floor", "80 "), row("mark", "lab-1-ABCD", "floor", "90 "))?.floor).toBe(90)
  })

  it.each([
    ["x ", "90 "],
    ["90 ", "x "],
    ["90 ", ""],
  ])("leaves the floor unknown when the two say %j and %j", (inside, outside) => {
    expect(main(row("signer", "main", "floor", inside), row("mark", "lab-1-ABCD", "floor", outside))?.floor).toBeUndefined()
  })

  it("is not about keys of other chains and validators", () => {
    expect(main(row("mark", "lab-2-ABCD", "fence", "x"), row("mark", "lab-1-ABCE", "fence", "x"))).toBeUndefined()
    expect(parseProbe(row("mark", "lab-1-ABCD", "fence", "x") + END).signers.size).toBe(0)
  })
})

it("tells who holds a signer's lock", () => {
  const text = row("signer", "main", "locked", "anna@desk since noon: promote node-2 ") + END
  expect(parseProbe(text).signers.get("main")?.lockedBy).toBe("anna@desk since noon: promote node-2")
})
