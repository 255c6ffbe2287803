import { describe, expect, it } from "vitest"
import { watchTarget } from "../../../src/app/watch-target.ts"
import { AppError, EXIT } from "../../../src/core/errors.ts"
import { aTopology, NOW_MS } from "../../support/observed.ts"
import { aDeployment, aHost } from "../../support/paper-deployment.ts"

/** What a node has after so many milliseconds; undefined when it does not answer then. */
type Course = (ms: number) => { readonly height: number; readonly ageMs?: number } | undefined

/** A chain with a block each second. */
const steady: Course = (ms) => ({ height: 1000 + Math.floor(ms / 1000), ageMs: ms % 1000 })
const still: Course = () => ({ height: 1000, ageMs: 1500 })

function watch(target: Course, sentry: Course) {
  const host = (course: Course) =>
    aHost({
      rpc: async () => {
        const now = deployment.clock.monoMs()
        const at = course(now)
        if (!at) throw new AppError("RPC", EXIT.unreachable, "RPC /status: no answer within 3000 ms")
        const time = new Date(NOW_MS + now - (at.ageMs ?? 0)).toISOString()
        return {
          node_info: { id: "f".repeat(40), network: "lab-1", version: "0.38.21" },
          sync_info: { latest_block_height: String(at.height), latest_block_time: time, catching_up: false },
        }
      },
    })
  const deployment = aDeployment({ "val-2": host(target), "sen-1": host(sentry), "sen-2": host(sentry) }, { topology: aTopology() })
  return watchTarget(deployment, "node-2")
}

describe("a target beside a witness", () => {
  it("is looked at until both have gained a block", async () => {
    const watched = await watch(steady, steady)
    expect(watched).toMatchObject({ gained: 1, worstLagBlocks: 0 })
    expect(watched.looks).toBeGreaterThan(10)
    expect(watched.worstAgeMs).toBeGreaterThan(800)
  })

  it("that was behind in between is known for it", async () => {
    expect(await watch((ms) => ({ height: ms < 500 ? 996 : 1001 }), steady)).toMatchObject({ worstLagBlocks: 4, gained: 5 })
  })

  it("that had an old block in between is known for it", async () => {
    expect(await watch((ms) => ({ height: 1000 + Math.floor(ms / 1000), ageMs: ms < 500 ? 30_000 : 0 }), steady)).toMatchObject({
      worstAgeMs: 30_000,
    })
  })

  it("that stands still while the chain moves on gained nothing", async () => {
    expect(await watch(still, steady)).toMatchObject({ gained: 0 })
  })

  it("may lose an answer, and then counts without it", async () => {
    expect(await watch((ms) => (ms > 300 && ms < 600 ? undefined : steady(ms)), steady)).toMatchObject({ gained: 1 })
  })

  it("that stops to answer is not said to stand still", async () => {
    await expect(watch((ms) => (ms > 300 ? undefined : steady(ms)), steady)).rejects.toThrow("no answer within")
  })

  it("is not blamed when the chain stands still", async () => {
    await expect(watch(still, still)).rejects.toThrow("the chain gained no block either: sentry-1 stands at 1000")
  })

  it("is not known without a sentry", async () => {
    await expect(watch(steady, () => undefined)).rejects.toThrow("no sentry answers")
  })
})
