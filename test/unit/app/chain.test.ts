import { describe, expect, it } from "vitest"
import { rpcOf } from "../../../src/app/chain.ts"
import { CURRENT_PLAN_PATH } from "../../../src/core/observe/upgrade-query.ts"
import { nodeOf } from "../../../src/core/topology.ts"
import { FakeClock } from "../../support/fake-clock.ts"
import { aTopology } from "../../support/observed.ts"
import { aHost } from "../../support/paper-deployment.ts"

/** The node sentry-1, which answers to one path. */
function answering(path: string, answer: unknown) {
  const host = aHost({ rpc: async (_, asked) => (asked === path ? answer : Promise.reject(new Error(`not asked for: ${asked}`))) })
  return rpcOf({ host: () => host, close: async () => {} }, nodeOf(aTopology(), "sentry-1"))
}

const HASH = "E9E68AB363C34FC70C5A820DEE348D25F3CF13BE8FAE64524EEDCE13DE87590D"

describe("a node tells", () => {
  const response = (answer: object) => answering(CURRENT_PLAN_PATH, { response: answer })

  it("the next upgrade", async () => {
    expect(await response({ code: 0, log: "", value: "ChcKAnYyEgsIgJK4w5j+////ARj0AyIBeA==" }).upgrade()).toEqual({
      name: "v2",
      height: 500,
    })
  })

  it("that there is none", async () => {
    expect(await response({ code: 0, log: "", value: "" }).upgrade()).toBeUndefined()
    expect(await response({ code: 0, value: null }).upgrade()).toBeUndefined()
  })

  it("that its chain knows no upgrades", async () => {
    expect(await response({ code: 6, log: "unknown query path: unknown request", value: null }).upgrade()).toBeUndefined()
  })

  it("that it cannot tell", async () => {
    await expect(response({ code: 111222, log: "panic" }).upgrade()).rejects.toThrow("sentry-1 does not tell the next upgrade: panic")
  })

  it("the hash of a block, and not that of another one", async () => {
    const commit = (height: string, hash = HASH) => ({ signed_header: { commit: { height, block_id: { hash } } } })
    expect(await answering("/commit?height=3", commit("3")).blockHash(3)).toBe(HASH)
    await expect(answering("/commit?height=3", commit("4")).blockHash(3)).rejects.toThrow("asked for block 3 and tells of block 4")
    await expect(answering("/commit?height=3", commit("3", "")).blockHash(3)).rejects.toThrow("unknown form")
  })

  it("how old its newest block is by our clock", async () => {
    const status = {
      node_info: { id: "f".repeat(40), network: "lab-1", version: "0.38.21" },
      sync_info: { latest_block_height: "1000", latest_block_time: "2026-11-23T11:59:57Z", catching_up: false },
    }
    expect(await answering("/status", status).position(new FakeClock())).toEqual({ height: 1000, ageMs: 3000 })
  })
})
