import { beforeEach, describe, expect, it } from "vitest"
import type { Facts, Run } from "../../../../src/app/execute.ts"
import { moveSigner } from "../../../../src/app/steps/signer-move.ts"
import { AppError, EXIT } from "../../../../src/core/errors.ts"
import type { SignerState } from "../../../../src/core/observe/signer-state.ts"
import type { StepOf } from "../../../../src/core/plan/step.ts"
import { aDeployment, aRun, type PaperDeployment } from "../../../support/paper-deployment.ts"
import { moved, PaperSite, stateText } from "../../../support/paper-site.ts"

const AT_1000 = { height: 1000, round: 0, step: 2 }

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

function move(args: Partial<StepOf<"signer.move">["args"]> = {}, changes: Partial<Run> = {}) {
  const step: StepOf<"signer.move"> = {
    kind: "signer.move",
    args: { validator: "main", from: "node-1", to: "node-2", timing: "at-once", recreate: false, ...args },
    cause: "because",
  }
  const nothing = () => Promise.reject(new Error("this step writes nothing of the signer's"))
  return moveSigner(
    step,
    aRun(deployment, {
      facts,
      control: () => ({
        epoch: 4,
        write: nothing,
        writeOperation: nothing,
        clearOperation: nothing,
        sealState: nothing,
        replaceState: nothing,
        writeTip: nothing,
        unfence: nothing,
      }),
      onStopped: async (state) => {
        told.push(state)
      },
      ...changes,
    }),
  )
}

const lost = () => {
  throw new AppError("LOCK_LOST", EXIT.halfWay, "the lock was lost")
}

describe("the section on the signer's host", () => {
  it("is told everything that it needs to end by itself", async () => {
    expect(await move()).toBe("connected, state 1000/0/2, 300 ms between stop and start")
    expect(site.did).toEqual(["move on sig-1"])
    expect(site.moves).toEqual([
      {
        dir: "/opt/gonka-ha/lab",
        validator: "main",
        container: "lab-main-signer",
        service: "main-signer",
        run: `20261123-120000-test/${deployment.clock.wallMs()}`,
        epoch: "4",
        from: "node-1",
        from_address: "1500000A:6822",
        to: "node-2",
        to_address: "1600000A:6822",
        gate: "1000",
        recreate: "no",
        marks: expect.stringMatching(/^\/var\/lib\/gonka-ha\/lab-1-[0-9A-F]{40}$/),
      },
    ])
    expect([facts.stopped, told]).toEqual([AT_1000, [AT_1000]])
  })

  it("has no way back where there is none, and makes an outdated container anew", async () => {
    const step: StepOf<"signer.move">["args"] = { validator: "main", to: "node-2", timing: "at-once", recreate: true }
    const { from: _, ...withoutFrom } = { from: undefined, ...step }
    await moveSigner(
      { kind: "signer.move", args: withoutFrom, cause: "because" },
      aRun(deployment, { facts, control: () => ({ epoch: 4 }) as ReturnType<Run["control"]> }),
    )
    expect(site.moves[0]).toMatchObject({ recreate: "yes" })
    expect(Object.keys(site.moves[0] ?? {}).filter((name) => name.startsWith("from"))).toEqual([])
  })

  it("is not begun when the lock is lost", async () => {
    await expect(move({}, { stillOurs: lost })).rejects.toMatchObject({ code: "LOCK_LOST" })
    expect(site.did).toEqual([])
  })

  it("that has sent it to its node without a connection has us wait for one", async () => {
    site.onMove = (settings) => {
      site.tmkms.set("sig-1", [...(site.tmkms.get("sig-1") ?? []).map((process) => ({ ...process, connections: ["10.0.0.22:26658"] }))])
      return moved(settings, "to", { state: "1000/0/2", connected_ms: "", reason: "the signer did not reach node-2 within 10 s" })
    }
    expect(await move()).toContain("connected to 10.0.0.22:26658, state 1000/0/2")
  })

  it("that went back for a state above the gate is tried again, and may be interrupted before", async () => {
    facts.stopped = { height: 990, round: 0, step: 2 }
    site.onMove = (settings) => moved(settings, "from", { state: "1001/0/1", reason: "the signer's state is at 1001/0/1" })
    await expect(move()).rejects.toMatchObject({
      code: "HALF_WAY",
      exit: 7,
      retry: true,
      message: "the signer is at node-1 again: the signer's state is at 1001/0/1",
    })
    expect([facts.stopped, told]).toEqual([undefined, []])
  })

  it("that went back for any other reason is not tried again: it would cost blocks once more", async () => {
    site.onMove = (settings) => moved(settings, "from", { state: "1000/0/2", reason: "the signer did not reach node-2 within 10 s" })
    await expect(move()).rejects.toMatchObject({ code: "HALF_WAY", exit: 7, retry: false, hint: expect.stringContaining("node-2") })
  })

  it.each([
    { at: "stopped", message: "the signer is stopped, state 1000/0/2: guard: fenced" },
    { at: "unclear", message: "the signer was told to stop, and it is not known to be gone, state 1000/0/2: guard: fenced" },
  ])("that ended $at is told with its reason, and the state is kept", async ({ at, message }) => {
    site.onMove = (settings) => moved(settings, at, { state: "1000/0/2", reason: "guard: fenced" })
    await expect(move()).rejects.toMatchObject({ code: "REFUSED", exit: 7, retry: false, message })
    expect([facts.stopped, told]).toEqual([AT_1000, [AT_1000]])
  })

  it("that touched nothing says why", async () => {
    site.onMove = (settings) => moved(settings, "untouched", { state: "", stopped_ms: "", reason: "another operation has begun since" })
    await expect(move()).rejects.toMatchObject({
      exit: 7,
      retry: false,
      message: "the signer was not touched: another operation has begun since",
    })
    expect([facts.stopped, told]).toEqual([undefined, []])
  })

  it.each([64, 73, 75])("that was not begun, by its exit code %d, touched nothing", async (code) => {
    site.onMove = () => ({ code, stdout: "", stderr: "move-signer: another move is at work\n" })
    await expect(move()).rejects.toMatchObject({ message: "the signer was not touched: another move is at work", exit: 7 })
  })

  it.each([
    { name: "it was killed", answer: { code: 137, stdout: "", stderr: "" } },
    { name: "its disk is full at the end", answer: { code: 74, stdout: "", stderr: "move-signer: it ended (to)" } },
    { name: "the record is of another section", answer: moved({ run: "20261123-120000-test/1" }, "to") },
    { name: "the record is cut off", answer: { code: 0, stdout: "run=20261123-120000-test/1\nat=to\n", stderr: "" } },
  ])("is not believed to have come to anything when $name", async ({ answer }) => {
    site.onMove = () => answer
    await expect(move()).rejects.toMatchObject({ code: "REMOTE_COMMAND", exit: 7, message: expect.stringContaining("is not known") })
    expect([facts.stopped, told]).toEqual([undefined, []])
  })
})

describe("without waiting for a pause", () => {
  const refused: readonly { readonly name: string; readonly make: () => void; readonly error: object }[] = [
    {
      name: "another tmkms is on its host",
      make: () => site.tmkms.set("sig-1", [{ pid: 666, containerId: undefined, connections: [] }]),
      error: { code: "ENGINE", exit: 7, message: "tmkms process 666 on sig-1 was not started by gonka-ha: it may hold the key" },
    },
    {
      name: "its host cannot be asked",
      make: () => site.away.add("sig-1"),
      error: { exit: 7, message: "it cannot be proven that there is only one signer: host sig-1 cannot be reached: no route" },
    },
    {
      name: "its state is missing",
      make: () => {
        site.state = undefined
      },
      error: { code: "REFUSED", hint: "never start the signer without it" },
    },
    {
      name: "its state is damaged",
      make: () => {
        site.state = stateText(1000, 2).slice(0, 20)
      },
      error: { code: "REFUSED", message: expect.stringContaining("damaged") },
    },
    {
      name: "its state went back in its height since it was stopped",
      make: () => {
        facts.stopped = { height: 1001, round: 0, step: 0 }
      },
      error: { code: "REFUSED", message: "the signer's state went back from 1001/0/0 to 1000/0/2 while it was stopped" },
    },
    {
      name: "its state went back in its step since it was stopped",
      make: () => {
        facts.stopped = AT_1000
        site.state = stateText(1000, 1)
      },
      error: { code: "REFUSED", message: "the signer's state went back from 1000/0/2 to 1000/0/1 while it was stopped" },
    },
    {
      name: "the chain has a signature above its state",
      make: () => {
        site.state = stateText(990, 2)
        site.votes.set(998, "signed").set(997, "signed")
      },
      error: { code: "REFUSED", message: "block 998 carries this key's signature, above the signer's state at 990" },
    },
    {
      name: "no sentry can be asked about that",
      make: () => {
        site.heights.delete("sentry-1")
        site.heights.delete("sentry-2")
      },
      error: { code: "REFUSED", message: "no sentry answers, so the signer's state cannot be compared with the chain" },
    },
    {
      name: "the new node stays below its state",
      make: () => {
        site.state = stateText(1001, 0)
      },
      error: {
        code: "HALF_WAY",
        retry: true,
        message: "node-2 is at height 1000, and the signer's state is at 1001: it must catch up first",
      },
    },
    {
      name: "the new node does not answer",
      make: () => site.heights.delete("node-2"),
      error: { code: "HALF_WAY", retry: true, message: expect.stringContaining("node-2 does not answer") },
    },
  ]

  it.each(refused)("touches nothing when $name", async ({ make, error }) => {
    make()
    await expect(move()).rejects.toMatchObject(error)
    expect([site.did, told]).toEqual([[], []])
    expect(deployment.clock.monoMs()).toBeLessThan(4000)
  })

  it("waits a moment for a node that is one block late, and gives its height as the gate", async () => {
    site.state = stateText(1001, 2)
    deployment.clock.onTick = (ms) => ms > 500 && site.heights.set("node-2", 1001)
    await move()
    expect(site.moves[0]).toMatchObject({ gate: "1001" })
  })

  it("gives the height that was seen, however far above the state", async () => {
    site.heights.set("node-2", 1005)
    await move()
    expect(site.moves[0]).toMatchObject({ gate: "1005" })
  })

  it("does not take what the signer signs meanwhile for somebody else's", async () => {
    site.state = stateText(998, 2)
    // The chain is asked first; by the time that the state is read, its own signature of that block is in it.
    site.votes.set(999, "signed")
    site.onRpc = (path) => {
      if (path.startsWith("/commit")) site.state = stateText(999, 2)
    }
    await move()
    expect(site.moves[0]).toMatchObject({ gate: "1000" })
  })
})

describe("in the pause", () => {
  beforeEach(() => {
    facts.detached = { after: 1000 }
  })

  it("waits until the next block is signed and the new node has it", async () => {
    const events = [
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
      events.shift()?.()
    }
    await move({ timing: "in-gap" })
    expect([events, site.moves[0]]).toEqual([[], expect.objectContaining({ gate: "1001" })])
  })

  it("asks for another plan when the pause was missed, and touches nothing", async () => {
    site.state = stateText(1002, 1)
    await expect(move({ timing: "in-gap" })).rejects.toMatchObject({ code: "HALF_WAY", retry: true })
    expect(site.did).toEqual([])
  })

  it("gives up when the signer does not sign any more", async () => {
    await expect(move({ timing: "in-gap" })).rejects.toMatchObject({ code: "WAIT_STALLED", exit: 7 })
    expect(site.did).toEqual([])
  })

  it("does without a sentry: this very signer was seen signing a moment ago", async () => {
    site.state = stateText(1001, 2)
    site.heights.set("node-2", 1001).delete("sentry-1")
    site.heights.delete("sentry-2")
    await move({ timing: "in-gap" })
    expect(site.did).toEqual(["move on sig-1"])
  })

  it("is never waited for when the standby was not detached in one", async () => {
    facts.detached = { after: undefined }
    await expect(move({ timing: "in-gap" })).rejects.toThrow("only after the standby was detached in one")
    expect(site.did).toEqual([])
  })

  it("touches nothing when the lock is lost while it waits", async () => {
    site.state = stateText(1001, 2)
    site.heights.set("node-2", 1001)
    await expect(move({ timing: "in-gap" }, { stillOurs: lost })).rejects.toMatchObject({ code: "LOCK_LOST" })
    expect(site.did).toEqual([])
  })
})
