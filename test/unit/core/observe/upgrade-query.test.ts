import { expect, it } from "vitest"
import { CURRENT_PLAN_PATH, hasNoUpgrades, readCurrentPlan } from "../../../../src/core/observe/upgrade-query.ts"

it("asks through a path that an RPC server understands", () => {
  expect(CURRENT_PLAN_PATH).toBe("/abci_query?path=%22%2Fcosmos.upgrade.v1beta1.Query%2FCurrentPlan%22&data=0x")
})

it("reads what a chain of SDK 0.50 answered after a proposal had passed", () => {
  expect(readCurrentPlan("ChcKAnYyEgsIgJK4w5j+////ARj0AyIBeA==")).toEqual({ name: "v2", height: 500 })
})

it("reads an answer without a plan, and not half of one", () => {
  expect(readCurrentPlan("")).toBeUndefined()
  expect(() => readCurrentPlan("ChcKAnYy")).toThrow()
})

it.each([
  { name: "a chain without the module", code: 6, log: "unknown query path: unknown request", none: true },
  { name: "another unknown request", code: 6, log: "invalid height", none: false },
  { name: "a panic", code: 111222, log: "panic", none: false },
  { name: "success", code: 0, log: "", none: false },
  { name: "nothing", code: undefined, log: undefined, none: false },
])("$name means no upgrades: $none", ({ code, log, none }) => {
  expect(hasNoUpgrades(code, log)).toBe(none)
})
