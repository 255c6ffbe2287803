import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { PendingOperation } from "../../../../src/core/observe/state.ts"
import { planPromote } from "../../../../src/core/plan/promote.ts"
import { type Step, stepTitle } from "../../../../src/core/plan/step.ts"
import { planUp } from "../../../../src/core/plan/up.ts"
import { aTopology, filesOf, secretsOf, theValidator } from "../../../support/observed.ts"
import { PaperWorld, type RunFacts, Stopped } from "../../../support/paper-world.ts"

/** A loaded machine takes long for some hundred worlds. */
const PROPERTY_MS = 120_000

const hot = aTopology()
const topology = aTopology({ policy: { ...hot.policy, standby: "plain" } })
const files = filesOf(topology)
const secrets = secretsOf(topology)
const validator = theValidator(topology)
const [FROM = "", TO = ""] = validator.candidates

const operation: PendingOperation = {
  id: "20261123-120000-promote-main",
  kind: "promote",
  from: FROM,
  to: TO,
  by: "operator@desk",
  since: "2026-11-23T12:00:00.000Z",
  startHeight: 1000,
}

function begin(): PaperWorld {
  const world = PaperWorld.running(topology)
  world.operation = operation
  return world
}

const promotion = (world: PaperWorld) => planPromote(topology, files, world.observed(), validator, TO, FROM)
const remembered = (world: PaperWorld): RunFacts => (world.operation?.stopped ? { stopped: world.operation.stopped } : {})

/** As much of a plan as there is time for; what must never happen throws. */
function run(world: PaperWorld, plan: readonly Step[], facts: RunFacts, crashBefore = 999, ticks: readonly number[] = []): boolean {
  for (const [index, step] of plan.entries()) {
    if (index === crashBefore) return false
    for (let tick = 0; tick < (ticks[index] ?? 0); tick++) world.tick()
    try {
      world.apply(step, facts)
    } catch (error) {
      if (error instanceof Stopped) return false
      throw error
    }
  }
  return true
}

function finish(world: PaperWorld): number {
  for (let tries = 1; tries <= 4; tries++) if (run(world, promotion(world), remembered(world))) return tries
  throw new Error("the move did not end within four plans")
}

function upPlan(world: PaperWorld): readonly Step[] {
  const planned = planUp(topology, files, secrets, world.observed())
  if ("refused" in planned) throw new Error(`refused: ${planned.refused.map(({ message }) => message).join("; ")}`)
  return planned.steps
}

function settle(world: PaperWorld): void {
  for (let tries = 0; tries < 6 && upPlan(world).length > 0; tries++) run(world, upPlan(world), {})
  expect(upPlan(world).map(stepTitle)).toEqual([])
  world.tick()
}

describe("a promotion to a plain standby", () => {
  it("raises it, moves the signer, and makes the node that it came from plain when the chain has shown the rest", () => {
    expect(promotion(begin()).map(stepTitle)).toEqual([
      "node-2: privval port belongs to the parking signer",
      "val-2: bring up node-2-parking",
      "node-2: restart",
      "node-2: park",
      "node-2: wait until ready to take over, 2 blocks long",
      "node-2: privval port belongs to the validator's signer",
      "node-2: stop the parking signer",
      "main: stop the signer and start it at node-2",
      "node-1: privval port belongs to the parking signer",
      "node-1: park",
      "main: see 2 blocks signed through node-2",
      "node-1: no privval port from its next start on",
      "node-1: restart",
      "node-1: stop the parking signer, which nothing needs",
    ])
  })

  it("misses no block, and leaves nothing to do for up", () => {
    const world = begin()
    expect(run(world, promotion(world), {})).toBe(true)
    expect(world.state?.height).toBe(world.tip)
    expect(world.signsThrough()).toBe(TO)
    expect(world.isPlainStandby(FROM)).toBe(true)
    world.operation = undefined
    run(
      world,
      upPlan(world).filter(({ kind }) => kind === "node.fresh"),
      {},
    )
    expect(upPlan(world)).toEqual([])
  })

  it("is finished from every single point with one more plan", () => {
    const whole = promotion(begin())
    for (let crashBefore = 0; crashBefore <= whole.length; crashBefore++) {
      const world = begin()
      run(world, promotion(world), {}, crashBefore)
      expect([crashBefore, finish(world)]).toEqual([crashBefore, 1])
      expect(world.signsThrough()).toBe(TO)
      expect(world.isPlainStandby(FROM)).toBe(true)
    }
  })

  it(
    "ends at the target after any series of crashes, delays and losses; up makes what came back later plain",
    () => {
      const aTry = fc.record({
        crashBefore: fc.nat(16),
        ticks: fc.array(fc.nat(3), { maxLength: 16 }),
        isLost: fc.boolean(),
      })
      fc.assert(
        fc.property(fc.array(aTry, { maxLength: 4 }), (tries) => {
          const world = begin()
          for (const { crashBefore, ticks, isLost } of tries) {
            if (isLost && world.node(FROM).up) world.kill(FROM, "node")
            run(world, promotion(world), remembered(world), crashBefore, ticks)
          }
          finish(world)
          expect(world.signsThrough()).toBe(TO)
          world.operation = undefined
          settle(world)
          expect(world.signsThrough()).toBe(TO)
          expect(world.isPlainStandby(FROM)).toBe(true)
        }),
        { numRuns: 150 },
      )
    },
    PROPERTY_MS,
  )
})

describe("up with plain standbys", () => {
  it(
    "ends with the first node active and the other one plain, from bare hosts and after any series of crashes",
    () => {
      const aTry = fc.record({ crashBefore: fc.nat(40), ticks: fc.array(fc.nat(3), { maxLength: 40 }) })
      fc.assert(
        fc.property(fc.array(aTry, { maxLength: 3 }), (tries) => {
          const world = PaperWorld.bare(topology)
          for (const { crashBefore, ticks } of tries) run(world, upPlan(world), {}, crashBefore, ticks)
          settle(world)
          expect(world.signsThrough()).toBe(validator.firstActive)
          expect(world.isPlainStandby(TO)).toBe(true)
        }),
        { numRuns: 100 },
      )
    },
    PROPERTY_MS,
  )

  it(
    "repairs every mixture of a standby, and touches no node that signs",
    () => {
      const damage = fc.record({
        up: fc.boolean(),
        outdated: fc.boolean(),
        isPlain: fc.boolean(),
        owner: fc.constantFrom("parking" as const, "validator" as const, "plain" as const, undefined),
        parking: fc.constantFrom("running" as const, "exited" as const, "created" as const, "gone" as const),
        parkingOutdated: fc.boolean(),
      })
      fc.assert(
        fc.property(damage, fc.nat(20), ({ up, ...rest }, ticks) => {
          const world = PaperWorld.running(topology)
          const node = world.node(TO)
          if (!up) world.kill(TO, "node")
          Object.assign(node, rest)
          node.port = undefined
          for (let tick = 0; tick < ticks; tick++) world.tick()
          for (const step of upPlan(world)) if ("node" in step.args) expect(step.args.node).toBe(TO)
          settle(world)
          expect(world.signsThrough()).toBe(FROM)
          expect(world.state?.height).toBe(world.tip)
          expect(world.isPlainStandby(TO)).toBe(true)
        }),
        { numRuns: 200 },
      )
    },
    PROPERTY_MS,
  )

  it("converges from parked standbys, while their parking signers still answer", () => {
    const world = PaperWorld.running(topology)
    Object.assign(world.node(TO), { owner: "parking", isPlain: false, parking: "running", port: "parking", outdated: true })
    expect(upPlan(world).map(stepTitle)).toEqual([
      "node-2: no privval port from its next start on",
      "val-2: bring up node-2",
      "node-2: stop the parking signer, which nothing needs",
      "node-2: wait until fresh",
    ])
  })
})
