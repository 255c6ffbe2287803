import { beforeEach, describe, expect, it } from "vitest"
import type { Facts } from "../../../../src/app/execute.ts"
import { detachStandby, waitUntilReady } from "../../../../src/app/steps/standby.ts"
import { aDeployment, aRun, type PaperDeployment } from "../../../support/paper-deployment.ts"
import { PaperSite, stateText } from "../../../support/paper-site.ts"

const PARKING = "lab-node-2-parking"
const cause = "because"

let site: PaperSite
let deployment: PaperDeployment
let facts: Facts

beforeEach(() => {
  site = new PaperSite()
  deployment = aDeployment(site.hosts())
  facts = {}
})

/** Things that happen one after the other, one at each look. */
function then(...events: readonly (() => void)[]): void {
  const left = [...events]
  deployment.clock.onTick = () => {
    left.shift()?.()
  }
}

describe("standby.detach", () => {
  const detach = (timing: "in-gap" | "at-once") =>
    detachStandby({ kind: "standby.detach", args: { node: "node-2", validator: "main", timing }, cause }, aRun(deployment, { facts }))

  it("at once asks nobody", async () => {
    expect(await detach("at-once")).toBe("stopped")
    expect([site.did, facts.detached]).toEqual([[`kill ${PARKING}`], { after: undefined }])
  })

  it("in the pause waits for our precommit and for a node that has put that block behind it", async () => {
    site.state = stateText(1001, 0)
    const notYet = () => expect(site.did).toEqual([])
    then(
      () => {
        notYet()
        site.state = stateText(1001, 1)
      },
      () => {
        notYet()
        site.state = stateText(1001, 2)
      },
      () => {
        notYet()
        site.working.delete("node-2")
      },
      () => {
        notYet()
        site.working.set("node-2", 1002)
      },
    )
    expect(await detach("in-gap")).toBe("stopped after block 1001")
    expect([site.did, facts.detached]).toEqual([[`kill ${PARKING}`], { after: 1001 }])
  })

  it.each([
    { name: "is ahead of the signer", working: 1003 },
    { name: "is behind the signer", working: 1000 },
  ])("in the pause does not take a node for ready that $name", async ({ working }) => {
    site.working.set("node-2", working)
    await expect(detach("in-gap")).rejects.toMatchObject({ code: "WAIT_STALLED", exit: 7 })
    expect([site.did, facts]).toEqual([[], {}])
  })

  it("stops at once when the signer's state cannot be read", async () => {
    site.state = undefined
    await expect(detach("in-gap")).rejects.toMatchObject({ code: "REFUSED" })
    expect(site.did).toEqual([])
  })

  it("does not believe a parking signer that still runs", async () => {
    site.onKill = () => {}
    await expect(detach("at-once")).rejects.toMatchObject({ code: "ENGINE", message: `${PARKING} on val-2 is running after SIGKILL` })
  })
})

describe("standby.ready", () => {
  const ready = () =>
    waitUntilReady({ kind: "standby.ready", args: { node: "node-2", validator: "main" }, cause }, aRun(deployment, { facts }))

  it("is content with a node at the tip, or one block below it", async () => {
    expect(await ready()).toBe("height 1000")
    site.heights.set("sentry-1", 1001)
    expect(await ready()).toBe("height 1000")
  })

  it("waits for a node that catches up, however far behind", async () => {
    site.heights.set("node-2", 500)
    site.working.set("node-2", 501)
    deployment.clock.onTick = () => {
      const height = (site.heights.get("node-2") ?? 0) + 1
      site.heights.set("node-2", Math.min(height, 1000))
      site.working.set("node-2", Math.min(height, 1000) + 1)
    }
    expect(await ready()).toBe("height 1000")
  })

  it("is content one block below the tip when its signer's state covers no more", async () => {
    site.state = stateText(998, 2)
    site.heights.set("node-2", 999)
    site.working.set("node-2", 1000)
    expect(await ready()).toBe("height 999")
  })

  it.each([
    { name: "as it was when it was stopped", stopped: { height: 1001, round: 0, step: 2 }, state: stateText(1000, 2) },
    { name: "as it stands now", stopped: undefined, state: stateText(1001, 1) },
  ])("waits until the block of the signer's state, $name, is wholly behind the node", async ({ stopped, state }) => {
    if (stopped) facts.stopped = stopped
    site.state = state
    then(
      () => site.heights.set("node-2", 1001),
      () => site.working.set("node-2", 1002),
    )
    expect(await ready()).toBe("height 1001")
  })

  it("never calls a node ready when the signer's state cannot be read", async () => {
    site.state = undefined
    await expect(ready()).rejects.toMatchObject({ code: "REFUSED" })
  })

  it("never calls a node ready when no sentry tells the tip", async () => {
    site.heights.delete("sentry-1")
    site.heights.delete("sentry-2")
    await expect(ready()).rejects.toMatchObject({ code: "WAIT_STALLED", message: expect.stringContaining("no sentry answers") })
  })

  describe("for some blocks, while the signer signs elsewhere", () => {
    const forBlocks = (blocks: number) =>
      waitUntilReady({ kind: "standby.ready", args: { node: "node-2", validator: "main", blocks }, cause }, aRun(deployment, { facts }))
    const NODES = ["sentry-1", "sentry-2", "node-2"] as const
    let height: number

    beforeEach(() => {
      height = 1000
    })

    /** The next block is decided: every node but those left out has it. */
    function decide(...late: readonly string[]): void {
      height += 1
      for (const node of NODES) if (!late.includes(node)) site.heights.set(node, height)
      if (!late.includes("node-2")) site.working.set("node-2", height + 1)
    }

    it("does not begin anew whenever a look falls between a signature and its block", async () => {
      let looks = 0
      deployment.clock.onTick = () => {
        looks += 1
        if (looks % 3 === 0) decide()
        else site.state = stateText(height + 1, looks % 3)
      }
      expect(await forBlocks(2)).toBe("height 1002")
      expect(looks).toBeLessThan(10)
    })

    it("begins anew when the node falls behind, and gives up when it does so again and again", async () => {
      let looks = 0
      deployment.clock.onTick = () => {
        looks += 1
        if (looks % 4 !== 0) return decide("node-2")
        site.heights.set("node-2", height)
        site.working.set("node-2", height + 1)
      }
      await expect(forBlocks(2)).rejects.toMatchObject({ code: "WAIT_STALLED", exit: 7 })
    })
  })

  it("gives up on a node that stands still", async () => {
    site.heights.set("sentry-1", 1010)
    site.working.delete("node-2")
    await expect(ready()).rejects.toMatchObject({ code: "WAIT_STALLED", exit: 7 })
  })
})
