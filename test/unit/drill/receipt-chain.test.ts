import { createHash } from "node:crypto"
import { expect, it } from "vitest"
import { receiptChainFaults } from "../../drill/receipt-chain.ts"

function chain(count: number, changes: (number: number) => object = () => ({})): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>()
  let previous: string | null = null
  for (let number = 1; number <= count; number++) {
    const bytes: Buffer = Buffer.from(JSON.stringify({ number, previous, operation: `op-${number}`, ...changes(number) }))
    files.set(`000${number}-op-${number}.json`, bytes)
    previous = createHash("sha256").update(bytes).digest("hex")
  }
  return files
}

it("finds nothing in a chain that holds, and does not take none for one", () => {
  expect(receiptChainFaults(chain(3), chain(3))).toEqual([])
  expect(receiptChainFaults(new Map(), new Map())).toEqual(["there is no receipt"])
})

it.each([
  {
    what: "a copy that differs",
    here: chain(3),
    there: chain(3, (number) => (number === 3 ? { by: "x" } : {})),
    fault: "0003-op-3.json is not the same in both places",
  },
  { what: "a copy that is missing", here: chain(3), there: chain(2), fault: "0003-op-3.json is only on the operator's machine" },
  {
    what: "a wrong number",
    here: chain(2, () => ({ number: 2 })),
    there: chain(2, () => ({ number: 2 })),
    fault: "0001-op-1.json has the number 2 and is the 1. of them",
  },
  {
    what: "a wrong name",
    here: chain(1, () => ({ operation: "other" })),
    there: chain(1, () => ({ operation: "other" })),
    fault: "0001-op-1.json is of operation other, number 1",
  },
])("finds $what", ({ here, there, fault }) => {
  expect(receiptChainFaults(here, there)).toContain(fault)
})

it("finds a link that does not fit", () => {
  const broken = chain(3, (number) => (number === 3 ? { previous: "0".repeat(64) } : {}))
  expect(receiptChainFaults(broken, broken)).toEqual([
    expect.stringContaining(`0003-op-3.json names ${"0".repeat(64)} as the receipt before it`),
  ])
})
