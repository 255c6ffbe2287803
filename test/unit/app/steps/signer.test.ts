import { beforeEach, describe, expect, it } from "vitest"
import type { Facts, Run } from "../../../../src/app/execute.ts"
import { aimSigner, checkGate, startSigner, stopSigner } from "../../../../src/app/steps/signer.ts"
import { AppError, EXIT } from "../../../../src/core/errors.ts"
import type { SignerState } from "../../../../src/core/observe/signer-state.ts"
import { aTopology, containerId } from "../../../support/observed.ts"
import { aDeployment, aRun, type PaperDeployment } from "../../../support/paper-deployment.ts"
import { PaperSite, stateText } from "../../../support/paper-site.ts"

const SIGNER = "lab-main-signer"
const cause = "because"

let site: PaperSite
let deployment: PaperDeployment
let facts: Facts
let told: SignerState[]

beforeEach(() => {
  site = new PaperSite()
  deployment = aDeployment(site.hosts())
  facts = {}
  told = []
})

const run = (changes: Partial<Run> = {}): Run =>
  aRun(deployment, {
    facts,
    onStopped: async (state) => {
      told.push(state)
    },
    ...changes,
  })

describe("signer.stop", () => {
  const stop = (timing: "in-gap" | "at-once", changes: Partial<Run> = {}) =>
    stopSigner({ kind: "signer.stop", args: { validator: "main", timing, node: "node-2" }, cause }, run(changes))

  it("kills it, proves that it is gone, and tells its state", async () => {
    expect(await stop("at-once")).toBe("gone, state 1000/0/2")
    expect(site.did).toEqual([`kill ${SIGNER}`])
    expect([facts.stopped, told]).toEqual([{ height: 1000, round: 0, step: 2 }, [{ height: 1000, round: 0, step: 2 }]])
  })

  it("is content with a signer that is gone already", async () => {
    site.exit(SIGNER)
    expect(await stop("at-once")).toBe("gone, state 1000/0/2")
  })

  const refused: readonly { readonly name: string; readonly make: () => void; readonly error: object }[] = [
    {
      name: "its container still runs",
      make: () => {
        site.onKill = () => {}
      },
      error: { code: "ENGINE", message: `${SIGNER} on sig-1 is running after SIGKILL` },
    },
    {
      name: "its container comes back by itself",
      make: () => {
        site.onKill = () => site.setStatus(SIGNER, "restarting")
      },
      error: { code: "ENGINE", message: `${SIGNER} on sig-1 is restarting after SIGKILL` },
    },
    {
      name: "its process is still there",
      make: () => {
        site.onKill = () => site.setStatus(SIGNER, "exited")
      },
      error: { code: "ENGINE", message: "tmkms still runs on sig-1 as process 100" },
    },
    {
      name: "another tmkms is on its host",
      make: () => site.tmkms.set("sig-1", [{ pid: 666, containerId: undefined, connections: [] }]),
      error: { code: "ENGINE", message: "tmkms process 666 on sig-1 was not started by gonka-ha: it may hold the key" },
    },
    {
      name: "its host cannot be asked any more",
      make: () => {
        site.onKill = () => site.away.add("sig-1")
      },
      error: { code: "HOST_UNREACHABLE" },
    },
    {
      name: "its state is missing",
      make: () => {
        site.state = undefined
      },
      error: { code: "REFUSED", message: "the stopped signer's state is missing: it must not start again like this" },
    },
    {
      name: "its state is damaged",
      make: () => {
        site.state = stateText(1000, 2).slice(0, 20)
      },
      error: { code: "REFUSED", message: "the stopped signer's state is damaged: it must not start again like this" },
    },
    {
      name: "the chain has a signature above its state",
      make: () => {
        site.state = stateText(990, 2)
        site.votes.set(998, "signed").set(997, "signed")
      },
      error: { code: "REFUSED", message: "block 998 carries this key's signature, above the stopped signer's state at 990" },
    },
    {
      name: "no sentry can be asked about that",
      make: () => {
        site.heights.delete("sentry-1")
        site.heights.delete("sentry-2")
      },
      error: { code: "REFUSED", message: "no sentry answers, so the stopped signer's state cannot be compared with the chain" },
    },
  ]

  it.each(refused)("does not believe that it is gone, or may start again, when $name", async ({ make, error }) => {
    make()
    await expect(stop("at-once")).rejects.toMatchObject(error)
    expect([facts.stopped, told]).toEqual([undefined, []])
  })

  it("kills nothing when the lock is lost", async () => {
    const stillOurs = () => {
      throw new AppError("LOCK_LOST", EXIT.halfWay, "the lock was lost")
    }
    await expect(stop("at-once", { stillOurs })).rejects.toMatchObject({ code: "LOCK_LOST" })
    expect(site.did).toEqual([])
  })

  describe("in the pause", () => {
    beforeEach(() => {
      facts.detachedAt = 1000
    })

    it("waits until the next block is signed and the new node has it", async () => {
      const steps = [
        () => {
          site.state = stateText(1001, 1)
        },
        () => {
          site.state = stateText(1001, 2)
        },
        () => site.heights.set("node-2", 1001),
      ]
      deployment.clock.onTick = () => {
        expect(site.did).toEqual([])
        steps.shift()?.()
      }
      expect(await stop("in-gap")).toBe("gone, state 1001/0/2")
      expect(steps).toEqual([])
    })

    it("asks for another plan when the pause was missed, and kills nothing", async () => {
      site.state = stateText(1002, 1)
      await expect(stop("in-gap")).rejects.toMatchObject({ code: "HALF_WAY", retry: true })
      expect(site.did).toEqual([])
    })

    it("gives up when the signer does not sign any more", async () => {
      await expect(stop("in-gap")).rejects.toMatchObject({ code: "WAIT_STALLED", exit: 7 })
      expect(site.did).toEqual([])
    })

    it("does without a sentry: this very signer was seen signing a moment ago", async () => {
      site.state = stateText(1001, 2)
      site.heights.set("node-2", 1001).delete("sentry-1")
      site.heights.delete("sentry-2")
      expect(await stop("in-gap")).toBe("gone, state 1001/0/2")
    })
  })
})

describe("signer.gate", () => {
  const gate = () => checkGate({ kind: "signer.gate", args: { validator: "main", node: "node-2" }, cause }, run())

  it.each([1000, 1001])("opens for a node at height %d when the state is at 1000", async (height) => {
    facts.stopped = { height: 1000, round: 0, step: 2 }
    site.heights.set("node-2", height)
    expect(await gate()).toBe(`node-2 at ${height}, state at 1000`)
  })

  it("waits a moment for a node that is one block late", async () => {
    facts.stopped = { height: 1001, round: 0, step: 2 }
    deployment.clock.onTick = (ms) => ms > 500 && site.heights.set("node-2", 1001)
    expect(await gate()).toBe("node-2 at 1001, state at 1001")
  })

  it("asks for another plan when the node stays below the state", async () => {
    facts.stopped = { height: 1001, round: 0, step: 0 }
    await expect(gate()).rejects.toMatchObject({
      code: "HALF_WAY",
      exit: 7,
      retry: true,
      message: "node-2 is at height 1000, and the signer's state is at 1001: it must catch up first",
    })
    expect(deployment.clock.monoMs()).toBeLessThan(3000)
  })

  it("asks for another plan when the node does not answer", async () => {
    facts.stopped = { height: 1000, round: 0, step: 2 }
    site.heights.delete("node-2")
    await expect(gate()).rejects.toMatchObject({ retry: true, message: expect.stringContaining("node-2 does not answer") })
  })

  it("never opens without a state to compare with", async () => {
    await expect(gate()).rejects.toThrow("needs the state of the stopped signer")
  })
})

describe("signer.aim", () => {
  const written: string[] = []
  const control: Run["control"] = (validator) => ({
    epoch: 4,
    write: async (fact, value) => {
      written.push(`${validator} ${fact} ${value}`)
    },
    writeOperation: () => Promise.reject(new Error("not expected")),
    clearOperation: () => Promise.reject(new Error("not expected")),
    createState: () => Promise.reject(new Error("not expected")),
    sealState: () => Promise.reject(new Error("not expected")),
  })
  const aim = () => aimSigner({ kind: "signer.aim", args: { validator: "main", node: "node-2" }, cause }, run({ control }))

  beforeEach(() => {
    written.length = 0
  })

  it.each(["exited", "created"])("writes the aim of a signer that is %s", async (status) => {
    site.setStatus(SIGNER, status)
    await aim()
    expect(written).toEqual(["main aim node-2"])
  })

  it.each(["running", "restarting", "paused"])("refuses while it is %s", async (status) => {
    site.setStatus(SIGNER, status)
    await expect(aim()).rejects.toMatchObject({ code: "REFUSED", exit: 7 })
    expect(written).toEqual([])
  })
})

describe("signer.start", () => {
  const start = (changes: Partial<Run> = {}) =>
    startSigner({ kind: "signer.start", args: { validator: "main", node: "node-2" }, cause }, run(changes))
  const process = (connections: readonly string[]) => ({ pid: 101, containerId: containerId(aTopology(), "main-signer"), connections })

  beforeEach(() => {
    site.exit(SIGNER)
    facts.stopped = { height: 1000, round: 0, step: 2 }
    site.onStart = () => {
      site.setStatus(SIGNER, "running")
      site.tmkms.set("sig-1", [process([])])
    }
    deployment.clock.onTick = (ms) => ms > 1000 && site.tmkms.set("sig-1", [process(["10.0.0.22:26658"])])
  })

  it("is done when the signer is connected to its node, and not before", async () => {
    expect(await start()).toBe("connected to 10.0.0.22:26658")
    expect(site.did).toEqual([`start ${SIGNER}`])
    expect(deployment.clock.monoMs()).toBeGreaterThan(1000)
  })

  it.each([
    { name: "height", state: stateText(999, 2) },
    { name: "step", state: stateText(1000, 1) },
  ])("refuses a state that went back in its $name", async ({ state }) => {
    site.state = state
    await expect(start()).rejects.toMatchObject({ code: "REFUSED", exit: 7, message: expect.stringContaining("went back from 1000/0/2") })
    expect(site.did).toEqual([])
  })

  it.each([
    { name: "missing", state: undefined },
    { name: "damaged", state: "{" },
  ])("refuses a state that is $name", async ({ state }) => {
    site.state = state
    await expect(start()).rejects.toMatchObject({ code: "REFUSED" })
    expect(site.did).toEqual([])
  })

  it("starts nothing when the lock is lost", async () => {
    const stillOurs = () => {
      throw new AppError("LOCK_LOST", EXIT.halfWay, "the lock was lost")
    }
    await expect(start({ stillOurs })).rejects.toMatchObject({ code: "LOCK_LOST" })
    expect(site.did).toEqual([])
  })

  it.each(["restarting", "exited"])("gives the guard's own words when it does not let it start: %s", async (status) => {
    site.onStart = () => site.setStatus(SIGNER, status)
    site.logs.push("guard: the signer does not start: fenced: by hand", "something else")
    await expect(start()).rejects.toMatchObject({
      code: "REFUSED",
      exit: 7,
      message: "the signer did not start: guard: the signer does not start: fenced: by hand",
    })
  })

  it("gives up on a signer that never reaches its node, with a way to its log", async () => {
    deployment.clock.onTick = () => {}
    await expect(start()).rejects.toMatchObject({
      code: "WAIT_STALLED",
      message: expect.stringContaining("waited for the signer to connect to node-2"),
      hint: "look at its log: ssh sig-1 docker logs --tail 20 lab-main-signer",
    })
  })

  it("does not take a connection to the old node for one to the new", async () => {
    deployment.clock.onTick = () => site.tmkms.set("sig-1", [process(["10.0.0.21:26658"])])
    await expect(start()).rejects.toMatchObject({ code: "WAIT_STALLED" })
  })
})
