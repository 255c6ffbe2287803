import { describe, expect, it } from "vitest"
import { nextUnits, type UnitState } from "../../../../src/core/plan/next-units.ts"
import { type UpUnit, unitName } from "../../../../src/core/plan/up-units.ts"

const unit = (kind: UpUnit["kind"], id: string, changes: Partial<UpUnit> = {}): UpUnit => ({
  kind,
  id,
  host: id,
  role: undefined,
  isCareful: false,
  validators: [],
  needs: [],
  files: [],
  after: [],
  steps: [],
  ...changes,
})
const sentry = (id: string, changes: Partial<UpUnit> = {}) => unit("node", id, { role: "sentry", ...changes })
const standby = (id: string, changes: Partial<UpUnit> = {}) => unit("node", id, { role: "private", ...changes })

function next(
  units: readonly UpUnit[],
  states: Readonly<Record<string, UnitState>> = {},
  { isSentryFresh = true, parallel = 9 }: { isSentryFresh?: boolean; parallel?: number } = {},
) {
  const given = new Map(units.map((each) => [unitName(each), states[each.id] ?? ("waiting" as const)]))
  const { start, skip } = nextUnits(units, given, { isSentryFresh, parallel })
  return { start: start.map(({ id }) => id), skip: skip.map(({ unit: { id }, because }) => `${id}: ${because}`) }
}

const running = { isCareful: true }

describe("the first sentry", () => {
  const units = [sentry("s-1"), sentry("s-2"), sentry("s-3"), standby("n-1"), standby("n-2")]

  it("goes alone, and once it is well all others that are new go together", () => {
    expect(next(units).start).toEqual(["s-1"])
    expect(next(units, { "s-1": "running" }).start).toEqual([])
    expect(next(units, { "s-1": "done" }).start).toEqual(["s-2", "s-3", "n-1", "n-2"])
  })

  it("is replaced by the next one when it fails", () => {
    expect(next(units, { "s-1": "failed" }).start).toEqual(["s-2"])
    expect(next(units, { "s-1": "failed", "s-2": "done" }).start).toEqual(["s-3", "n-1", "n-2"])
  })

  it("that fails as all of them do leaves the rest alone where no sentry serves them, and only there", () => {
    const all: Readonly<Record<string, UnitState>> = { "s-1": "failed", "s-2": "failed", "s-3": "skipped" }
    expect(next(units, all, { isSentryFresh: false })).toEqual({
      start: [],
      skip: ["n-1", "n-2"].map((id) => `${id}: no sentry could be brought up, and it would stand without one`),
    })
    expect(next(units, all).start).toEqual(["n-1", "n-2"])
  })

  it("is not waited for where none is touched", () => {
    expect(next([standby("n-1"), standby("n-2")]).start).toEqual(["n-1", "n-2"])
  })
})

describe("what runs", () => {
  it("is touched one at a time, sentries before those behind them", () => {
    const units = [sentry("s-1", running), sentry("s-2", running), standby("n-1", running), standby("n-2", running)]
    expect(next(units).start).toEqual(["s-1"])
    expect(next(units, { "s-1": "done" }).start).toEqual(["s-2"])
    expect(next(units, { "s-1": "done", "s-2": "running" }).start).toEqual([])
    expect(next(units, { "s-1": "done", "s-2": "failed" }).start).toEqual(["n-1"])
    expect(next(units, { "s-1": "done", "s-2": "done", "n-1": "running" }).start).toEqual([])
  })

  it("does not wait for something new that catches up for hours", () => {
    const units = [standby("n-1", running), standby("n-2")]
    expect(next(units, { "n-2": "running" }).start).toEqual(["n-1"])
  })
})

describe("a unit", () => {
  it("waits for what it needs, and is skipped with a reason when that has failed", () => {
    const units = [unit("install", "h-1"), standby("n-1", { needs: ["install:h-1"] }), standby("n-2")]
    expect(next(units).start).toEqual(["h-1", "n-2"])
    expect(next(units, { "h-1": "running" }).start).toEqual(["n-2"])
    expect(next(units, { "h-1": "failed" })).toEqual({ start: ["n-2"], skip: ["n-1: it needs files of h-1, which failed"] })
    expect(next(units, { "h-1": "skipped" }).skip).toHaveLength(1)
  })

  it("that only comes after another one goes on however that ended", () => {
    const units = [standby("n-1"), standby("n-2"), unit("signer", "main", { needs: ["node:n-1"], after: ["node:n-1", "node:n-2"] })]
    expect(next(units, { "n-1": "done", "n-2": "running" }).start).toEqual([])
    expect(next(units, { "n-1": "done", "n-2": "failed" }).start).toEqual(["main"])
    expect(next(units, { "n-1": "failed", "n-2": "done" }).skip).toEqual(["main: it needs n-1, which failed"])
  })

  it("waits while as many as are allowed run", () => {
    const units = ["a", "b", "c"].map((id) => unit("install", id))
    expect(next(units, {}, { parallel: 2 }).start).toEqual(["a", "b"])
    expect(next(units, { a: "running", b: "done" }, { parallel: 2 }).start).toEqual(["c"])
    expect(next(units, { a: "running", b: "running" }, { parallel: 2 }).start).toEqual([])
  })
})
