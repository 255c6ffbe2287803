import { beforeEach, describe, expect, it } from "vitest"
import { reach, timingOf } from "../../../src/app/moment.ts"
import { NOW_MS } from "../../support/observed.ts"
import { aDeployment, type PaperDeployment } from "../../support/paper-deployment.ts"

let deployment: PaperDeployment

beforeEach(() => {
  // It has no hosts: whoever looks at one before its time fails.
  deployment = aDeployment()
})

it.each([
  [{ kind: "now" as const }, "at-once"],
  [{ kind: "gap" as const }, "in-gap"],
  [{ kind: "at" as const, atMs: NOW_MS }, "in-gap"],
])("%o is carried out %s", (moment, timing) => {
  expect(timingOf(moment)).toBe(timing)
})

describe("a moment", () => {
  it.each(["now", "gap"] as const)("that is %s is there", async (kind) => {
    await reach(deployment, { kind })
    expect([deployment.clock.slept, deployment.events]).toEqual([[], []])
  })

  it("is waited for, to the millisecond, and told every two seconds", async () => {
    await reach(deployment, { kind: "at", atMs: NOW_MS + 25_300 })
    expect(deployment.clock.monoMs()).toBe(25_300)
    expect(deployment.events).toEqual(
      Array.from({ length: 13 }, (_, index) => index * 2000).map((sinceMs) => ({
        kind: "waiting",
        what: "2026-11-23T12:00:25.300Z",
        now: `${Math.ceil((25_300 - sinceMs) / 1000)} s left`,
        sinceMs,
      })),
    )
  })

  it("that has passed meanwhile is there", async () => {
    await reach(deployment, { kind: "at", atMs: NOW_MS - 1 })
    expect(deployment.clock.slept).toEqual([])
  })

  it("ends with Ctrl-C, and nothing was changed", async () => {
    deployment.clock.onTick = (ms) => ms >= 3000 && deployment.interrupt()
    await expect(reach(deployment, { kind: "at", atMs: NOW_MS + 60_000 })).rejects.toMatchObject({
      code: "INTERRUPTED",
      exit: 130,
      message: "interrupted before it began, nothing was changed",
    })
    expect(deployment.clock.monoMs()).toBe(3000)
  })
})
