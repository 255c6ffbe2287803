import { describe, expect, it } from "vitest"
import { planPromote } from "../../../../src/core/plan/promote.ts"
import { planLines, type SwapTiming, stepTitle } from "../../../../src/core/plan/step.ts"
import {
  aged,
  aTopology,
  type Change,
  changed,
  container,
  filesOf,
  healthy,
  hostAway,
  node,
  nodeAway,
  owner,
  signer,
  signerStopped,
  slashing,
  theValidator,
  unparked,
} from "../../../support/observed.ts"

const topology = aTopology()
const validator = theValidator(topology)

function plan(changes: readonly Change[], to = "node-2", origin: string | undefined = "node-1") {
  return planPromote(topology, filesOf(topology), changed(healthy(topology), ...changes), validator, to, origin)
}

const titles = (changes: readonly Change[]) => plan(changes).map(stepTitle)

const PARK_OLD = ["node-1: privval port belongs to the parking signer", "node-1: park"]
const SEE = "main: see 2 blocks signed through node-2"
const CONNECTED = "main: signer connected to node-2"
const MOVE = "main: stop the signer and start it at node-2"
const GIVE = "node-2: privval port belongs to the validator's signer"
const DETACH = "node-2: stop the parking signer"
const READY = "node-2: wait until ready to take over"
const PARK = ["node-2: privval port belongs to the parking signer", "node-2: park"]

it("tells the whole of a planned move", () => {
  expect(planLines(plan([])).join("\n")).toBe(`  1  node-2: wait until ready to take over
     it must follow the chain before it may take over
  2  node-2: privval port belongs to the validator's signer
     the port of node-2 waits for the signer from now on, also after a reboot
  3  node-2: stop the parking signer
     node-2 then takes the key of the next signer that connects, in time for the next block
  4  main: stop the signer and start it at node-2
     one signer with one state: stopped, proved gone, compared with what node-2 has, and started there, or again at node-1
  5  node-1: privval port belongs to the parking signer
     node-1 is a standby now
  6  node-1: park
     node-1 follows the chain only with a signer on its port
  7  main: see 2 blocks signed through node-2
     the chain is the witness`)
})

it("takes both parking signer and signer away in the pauses of a planned move, and at once in any other", () => {
  const timings = (changes: readonly Change[]) => plan(changes).flatMap((step) => ("timing" in step.args ? [step.args.timing] : []))
  expect(timings([])).toEqual(["in-gap", "in-gap"])
  expect(timings([nodeAway("node-1")])).toEqual(["at-once", "at-once"])
})

describe("the signer's move", () => {
  const moveOf = (changes: readonly Change[], timing: SwapTiming = "in-gap") => {
    const steps = planPromote(topology, filesOf(topology), changed(healthy(topology), ...changes), validator, "node-2", "node-1", timing)
    return steps.flatMap((step) => (step.kind === "signer.move" ? [step.args] : []))
  }
  const usual = { validator: "main", from: "node-1", to: "node-2", timing: "in-gap", recreate: false }
  const alone = { validator: "main", to: "node-2", timing: "at-once", recreate: false }

  it("has the node that it serves as its way back", () => {
    expect(moveOf([])).toEqual([usual])
    expect(moveOf([signerStopped])).toEqual([{ ...usual, timing: "at-once" }])
  })

  it("has no way back to a node that nobody aimed it at, nor to its target", () => {
    expect(moveOf([signerStopped, signer({ aim: undefined })])).toEqual([alone])
    expect(moveOf([signerStopped, signer({ aim: "node-2" })])).toEqual([alone])
  })

  it("makes an outdated container anew, and one that is not there before anything stands still", () => {
    expect(moveOf([container("sig-1", "main-signer", { digest: "old" })])).toEqual([{ ...usual, recreate: true }])
    const missing = plan([container("sig-1", "main-signer", "gone")])
    expect(missing[0]).toMatchObject({ kind: "service.create", args: { host: "sig-1", service: "main-signer" } })
    expect(moveOf([container("sig-1", "main-signer", "gone")])).toEqual([{ ...usual, timing: "at-once" }])
  })

  it("waits for no pause when none is wanted", () => {
    expect(moveOf([], "at-once")).toEqual([{ ...usual, timing: "at-once" }])
  })
})

type Case = { readonly name: string; readonly changes: readonly Change[]; readonly steps: readonly string[] }

const cases: readonly Case[] = [
  {
    name: "a lagging old node is still one to leave in the pause",
    changes: [node("node-1", { height: 990 })],
    steps: [READY, GIVE, DETACH, MOVE, ...PARK_OLD, SEE],
  },
  {
    name: "a standby whose parking signer is dead is parked first",
    changes: [unparked("node-2", "val-2")],
    steps: [...PARK, READY, GIVE, DETACH, MOVE, ...PARK_OLD, SEE],
  },
  {
    name: "an outdated signer takes no step of its own: its container is made anew while it is stopped",
    changes: [container("sig-1", "main-signer", { digest: "old" })],
    steps: [READY, GIVE, DETACH, MOVE, ...PARK_OLD, SEE],
  },
  {
    name: "a stale old node is parked when it answers",
    changes: [aged("node-1", 60_000)],
    steps: [READY, GIVE, DETACH, MOVE, ...PARK_OLD, SEE],
  },
  {
    name: "a dead old node on a host that answers is made ready for its return",
    changes: [nodeAway("node-1")],
    steps: [READY, GIVE, DETACH, MOVE, "node-1: privval port belongs to the parking signer", "val-1: bring up node-1-parking", SEE],
  },
  {
    name: "a dead old node on a host that is away is left alone",
    changes: [nodeAway("node-1"), hostAway("val-1")],
    steps: [READY, GIVE, DETACH, MOVE, SEE],
  },
  {
    name: "a dead old node and a standby that has to be parked",
    changes: [nodeAway("node-1"), hostAway("val-1"), unparked("node-2", "val-2"), owner("node-2", "val-2", "validator")],
    steps: [...PARK, READY, GIVE, DETACH, MOVE, SEE],
  },
  {
    name: "resumed when the port was given",
    changes: [owner("node-2", "val-2", "validator")],
    steps: [...PARK, READY, GIVE, DETACH, MOVE, ...PARK_OLD, SEE],
  },
  {
    name: "resumed when the standby was detached",
    changes: [owner("node-2", "val-2", "validator"), unparked("node-2", "val-2")],
    steps: [...PARK, READY, GIVE, DETACH, MOVE, ...PARK_OLD, SEE],
  },
  {
    name: "resumed when the signer was stopped and the standby waits for it",
    changes: [owner("node-2", "val-2", "validator"), unparked("node-2", "val-2"), signerStopped],
    steps: [GIVE, DETACH, MOVE, ...PARK_OLD, SEE],
  },
  {
    name: "resumed when the signer was stopped and the standby has waited for long",
    changes: [
      owner("node-2", "val-2", "validator"),
      unparked("node-2", "val-2"),
      signerStopped,
      node("node-2", { height: 995 }),
      signer({ state: { kind: "ok", state: { height: 994, round: 0, step: 2 }, sealed: false } }),
    ],
    steps: [...PARK, READY, GIVE, DETACH, MOVE, ...PARK_OLD, SEE],
  },
  {
    name: "resumed when the signer was stopped and the standby is one block short",
    changes: [owner("node-2", "val-2", "validator"), unparked("node-2", "val-2"), signerStopped, node("node-2", { height: 999 })],
    steps: [...PARK, READY, GIVE, DETACH, MOVE, ...PARK_OLD, SEE],
  },
  {
    name: "resumed when the signer was stopped and the standby does not answer",
    changes: [owner("node-2", "val-2", "validator"), unparked("node-2", "val-2"), signerStopped, nodeAway("node-2")],
    steps: [...PARK, READY, GIVE, DETACH, MOVE, ...PARK_OLD, SEE],
  },
  {
    name: "resumed when the signer was stopped in a failover and the port was given, with the parking signer still there",
    changes: [nodeAway("node-1"), hostAway("val-1"), signerStopped, owner("node-2", "val-2", "validator")],
    steps: [GIVE, DETACH, MOVE, SEE],
  },
  {
    name: "resumed when the signer was aimed",
    changes: [owner("node-2", "val-2", "validator"), unparked("node-2", "val-2"), signerStopped, signer({ aim: "node-2" })],
    steps: [GIVE, DETACH, MOVE, ...PARK_OLD, SEE],
  },
]

it.each(cases)("$name", ({ changes, steps }) => {
  expect(titles(changes)).toEqual(steps)
})

describe("once the signer runs for the target", () => {
  const moved = healthy(topology, "node-2")
  const from = (observed: typeof moved, origin: string | undefined) =>
    planPromote(topology, filesOf(topology), observed, validator, "node-2", origin).map(stepTitle)

  it("sees it connected, parks the node that it came from, and looks", () => {
    expect(from(moved, "node-1")).toEqual([CONNECTED, ...PARK_OLD, SEE])
  })

  it("has nothing to park when it came from nowhere, from itself, or from a host that is away", () => {
    expect(from(moved, undefined)).toEqual([CONNECTED, SEE])
    expect(from(moved, "node-2")).toEqual([CONNECTED, SEE])
    expect(from(changed(moved, hostAway("val-1"), nodeAway("node-1")), "node-1")).toEqual([CONNECTED, SEE])
  })

  it("does not fall over an origin that is not in the files any more", () => {
    expect(from(moved, "node-9")).toEqual([CONNECTED, SEE])
  })
})

it("does not wait for a pause of a signer that signs nothing", () => {
  const recent = [{ height: 999, vote: "absent" as const }]
  expect(titles([slashing({ recent })])).toEqual([READY, GIVE, DETACH, MOVE, ...PARK_OLD, SEE])
})

it("moves from where the signer is, whatever the operation remembers", () => {
  expect(plan([signer({ aim: "node-1" })], "node-2", undefined).map(stepTitle)).toContain("node-1: park")
})
