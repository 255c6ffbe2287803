import { describe, expect, it } from "vitest"
import { stateSyncNews } from "../../../../src/core/observe/state-sync-log.ts"

const HASH = "format=3 hash=1C9D module=statesync"
const READY = "4:05PM INF Ensure peers module=pex numDialing=0 numInPeers=0"

describe("the news of a state sync", () => {
  it.each([
    {
      line: "start-node: state sync trusts block 1199 with the hash AB, on which 2 sources agree",
      says: "block 1199 is trusted, the node starts",
    },
    { line: '4:05PM INF sync any module=statesync msg="Discovering snapshots for 15s"', says: "asking peers for snapshots" },
    { line: `4:05PM INF Discovered new snapshot height=1200 ${HASH}`, says: "snapshot of height 1200 discovered" },
    { line: `4:05PM INF Offering snapshot to ABCI app height=1200 ${HASH}`, says: "snapshot of height 1200 offered to the application" },
    { line: `4:05PM INF Snapshot accepted, restoring height=1200 ${HASH}`, says: "snapshot of height 1200 accepted" },
    {
      line: "4:05PM INF Fetching snapshot chunk chunk=0 format=3 height=1200 module=statesync total=12",
      says: "snapshot of height 1200, chunk 1/12 on its way",
    },
    {
      line: '{"level":"info","module":"statesync","height":1200,"format":3,"chunk":11,"total":12,"message":"Applied snapshot chunk to ABCI app"}',
      says: "snapshot of height 1200, chunk 12/12 applied",
    },
    { line: `4:05PM INF Snapshot restored height=1200 ${HASH}`, says: "snapshot of height 1200 restored" },
    { line: `4:05PM INF Snapshot rejected height=1200 ${HASH}`, says: "snapshot of height 1200 rejected, others are tried" },
  ])("$says", ({ line, says }) => {
    expect(stateSyncNews([READY, line, READY])?.text).toBe(`state sync: ${says}`)
  })

  it("is the last of it", () => {
    const lines = [`INF Discovered new snapshot height=1200 ${HASH}`, READY, `INF Snapshot accepted, restoring height=1100 ${HASH}`, READY]
    expect(stateSyncNews(lines)?.text).toBe("state sync: snapshot of height 1100 accepted")
  })

  it("is none where the log tells of something else", () => {
    expect(stateSyncNews([READY])).toBeUndefined()
    expect(stateSyncNews([])).toBeUndefined()
  })

  it("gets further when the sentries do, and not when only time passes", () => {
    const waits = (seconds: number, tip: number) =>
      stateSyncNews([
        `start-node: waiting for a snapshot at a sentry for ${seconds} s by now; http://10.0.0.11:26657 has blocks 1 to ${tip}`,
      ])
    expect(waits(60, 25)?.text).toBe(
      "state sync: waiting for a snapshot at a sentry for 60 s by now; http://10.0.0.11:26657 has blocks 1 to 25",
    )
    expect(waits(120, 25)?.progress).toBe(waits(60, 25)?.progress)
    expect(waits(120, 37)?.progress).not.toBe(waits(60, 25)?.progress)
  })

  it("is the reason why a node does not start, where that is what its log ends with", () => {
    const refusal = "start-node: the node does not start: the sentries have different blocks at height 7"
    expect(stateSyncNews([`INF Discovered new snapshot height=5 ${HASH}`, refusal])?.text).toBe(refusal.slice("start-node: ".length))
  })
})
