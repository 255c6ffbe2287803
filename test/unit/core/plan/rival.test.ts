import { expect, it } from "vitest"
import { rivalAt } from "../../../../src/core/plan/rival.ts"
import { aTopology, type Change, changed, healthy, hostAway, owner, signer, theValidator } from "../../../support/observed.ts"

const one = aTopology()
const main = theValidator(one)
const other = { ...main, name: "other", pubkey: "another key", address: "B".repeat(40), signerHost: "sen-1" }
const topology = aTopology({
  validators: [main, other],
  nodes: one.nodes.map((node) => ({ ...node, candidateOf: node.candidateOf.length > 0 ? ["main", "other"] : [] })),
})

const rival = (...changes: readonly Change[]) => rivalAt(topology, changed(healthy(topology), ...changes), main, "node-2")?.name
const given = owner("node-2", "val-2", "validator")

it("is nobody at a node that is parked, also when one signer's host cannot be asked", () => {
  expect(rival(hostAway("sen-1", "timeout"))).toBeUndefined()
})

it("is the validator that cannot be asked, at a node whose port was given to a signer that is not ours", () => {
  expect(rival(hostAway("sen-1", "timeout"), given)).toBe("other")
})

it("is nobody where the port was given to ours", () => {
  const operation = { id: "op", kind: "promote", from: "node-1", to: "node-2", by: "anna", since: "", startHeight: 1 } as const
  expect(rival(hostAway("sen-1", "timeout"), given, signer({ operation }))).toBeUndefined()
  expect(rival(hostAway("sen-1", "timeout"), given, signer({ aim: "node-2" }))).toBeUndefined()
})
