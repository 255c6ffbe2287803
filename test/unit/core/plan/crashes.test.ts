import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Observed, PendingOperation } from "../../../../src/core/observe/state.ts"
import { valueIn } from "../../../../src/core/observe/state.ts"
import { whoSigns } from "../../../../src/core/observe/who-signs.ts"
import { planPromote } from "../../../../src/core/plan/promote.ts"
import type { Step } from "../../../../src/core/plan/step.ts"
import { planUp } from "../../../../src/core/plan/up.ts"
import { aTopology, changed, filesOf, secretsOf, signer, theValidator } from "../../../support/observed.ts"
import { PaperWorld, type RunFacts, Stopped } from "../../../support/paper-world.ts"

/** A loaded machine takes long for some hundred worlds. */
const PROPERTY_MS = 60_000

const topology = aTopology()
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

/** What comes between the steps of one try: blocks, half-finished votes, losses, and the end of the command. */
type Try = {
  readonly crashBefore: number
  readonly ticks: readonly number[]
  readonly voteStep: number
  readonly loss: { readonly before: number; readonly what: "node" | "host" } | undefined
}

const calm: Try = { crashBefore: 99, ticks: [], voteStep: 0, loss: undefined }

const aTry: fc.Arbitrary<Try> = fc.record({
  crashBefore: fc.nat(14),
  ticks: fc.array(fc.nat(3), { maxLength: 14 }),
  voteStep: fc.nat(2),
  loss: fc.option(fc.record({ before: fc.nat(12), what: fc.constantFrom("node" as const, "host" as const) }), { nil: undefined, freq: 6 }),
})

/** One look, one plan, and as much of it as there is time for. */
function attempt(
  world: PaperWorld,
  plan: readonly Step[],
  facts: RunFacts,
  { crashBefore, ticks, voteStep, loss }: Try,
): "done" | "crashed" | Stopped {
  for (const [index, step] of plan.entries()) {
    if (loss?.before === index && world.node(FROM).up) world.kill(FROM, loss.what)
    if (index === crashBefore) return "crashed"
    for (let tick = 0; tick < (ticks[index] ?? 0); tick++) world.tick()
    if (voteStep > 0) world.vote(voteStep)
    try {
      world.apply(step, facts)
    } catch (error) {
      if (error instanceof Stopped) return error
      throw error
    }
    upChangesNoAim(world.observed())
  }
  return "done"
}

/** The rules that every plan keeps, whatever was seen. */
function assertSafe(plan: readonly Step[], to: string): void {
  const kinds = plan.map((step) => step.kind)
  expect(kinds.filter((kind) => kind === "signer.move").length).toBeLessThanOrEqual(1)
  for (const step of plan) if (step.kind === "signer.move") expect(step.args.to).toBe(to)
}

/** `up` refuses while an operation is recorded; were the record lost, it would still leave the aim alone. */
function upChangesNoAim(observed: Observed): void {
  const away = [...observed.hosts.values()].some((host) => host.kind === "unknown")
  if (away) return
  expect(planUp(topology, files, secrets, observed)).toMatchObject({ refused: [{ message: expect.stringContaining("left half-way") }] })
  const forgotten = changed(observed, signer({ operation: undefined }))
  const who = whoSigns(topology, forgotten, validator)
  const aim = who.kind === "active" ? who.node : who.kind === "stopped" ? who.aim : undefined
  const plan = planUp(topology, files, secrets, forgotten)
  if ("refused" in plan) return
  for (const step of plan.steps) {
    if (step.kind === "signer.init") expect(step.args.node).toBe(aim)
    if (step.kind === "signer.move") expect([who.kind, step.args.to, step.args.from]).toEqual(["stopped", aim, undefined])
  }
}

function begin(): PaperWorld {
  const world = PaperWorld.running()
  world.operation = operation
  return world
}

function planFrom(world: PaperWorld): Step[] {
  const plan = planPromote(topology, files, world.observed(), validator, TO, FROM)
  assertSafe(plan, TO)
  return plan
}

/** The facts that survive a crash are those in the operation's record. */
const remembered = (world: PaperWorld): RunFacts => (world.operation?.stopped ? { stopped: world.operation.stopped } : {})

function finish(world: PaperWorld): number {
  for (let tries = 1; tries <= 4; tries++) if (attempt(world, planFrom(world), remembered(world), calm) === "done") return tries
  throw new Error("the move did not end within four plans")
}

describe("a promotion that is interrupted", () => {
  it("is finished from every single point with one more plan", () => {
    const whole = planFrom(begin())
    for (let crashBefore = 0; crashBefore <= whole.length; crashBefore++) {
      const world = begin()
      attempt(world, planFrom(world), {}, { ...calm, crashBefore })
      expect([crashBefore, finish(world)]).toEqual([crashBefore, 1])
      expect(world.signsThrough()).toBe(TO)
      expect(world.isParked(FROM)).toBe(true)
    }
  })

  it("misses no block when nothing comes between", () => {
    const world = begin()
    expect(attempt(world, planFrom(world), {}, calm)).toBe("done")
    expect(world.state?.height).toBe(world.tip)
  })

  it(
    "ends at the target after any series of crashes, delays and losses, and breaks no rule on the way",
    () => {
      fc.assert(
        fc.property(fc.array(aTry, { maxLength: 5 }), (tries) => {
          const world = begin()
          const height = world.state?.height ?? 0
          for (const one of tries) {
            attempt(world, planFrom(world), remembered(world), one)
            expect(world.state?.height).toBeGreaterThanOrEqual(height)
          }
          finish(world)
          expect(world.signsThrough()).toBe(TO)
          expect(world.isParked(FROM)).toBe(world.node(FROM).up)
        }),
        { numRuns: 400 },
      )
    },
    PROPERTY_MS,
  )
})

describe("up", () => {
  const plan = (world: PaperWorld): readonly Step[] => {
    const planned = planUp(topology, files, secrets, world.observed())
    if ("refused" in planned) throw new Error(`refused: ${planned.refused.map(({ message }) => message).join("; ")}`)
    assertSafe(planned.steps, world.aim ?? validator.firstActive)
    return planned.steps
  }
  const run = (world: PaperWorld, ticks: readonly number[], crashBefore: number): void => {
    const facts: RunFacts = {}
    for (const [index, step] of plan(world).entries()) {
      if (index === crashBefore) return
      for (let tick = 0; tick < (ticks[index] ?? 0); tick++) world.tick()
      world.apply(step, facts)
    }
  }
  const settle = (world: PaperWorld): void => {
    for (let tries = 0; tries < 5 && plan(world).length > 0; tries++) run(world, [], 999)
    expect(plan(world)).toEqual([])
    world.tick()
  }

  it(
    "ends with the first node active from bare hosts, after any series of crashes",
    () => {
      fc.assert(
        fc.property(
          fc.array(fc.record({ crashBefore: fc.nat(40), ticks: fc.array(fc.nat(3), { maxLength: 40 }) }), { maxLength: 4 }),
          (tries) => {
            const world = PaperWorld.bare()
            for (const { crashBefore, ticks } of tries) run(world, ticks, crashBefore)
            settle(world)
            expect(world.signsThrough()).toBe(validator.firstActive)
            expect(world.isParked(TO)).toBe(true)
          },
        ),
        { numRuns: 300 },
      )
    },
    PROPERTY_MS,
  )

  it(
    "repairs what was stopped, outdated or given to the wrong owner, where it was",
    () => {
      const damage = fc.record({
        signer: fc.constantFrom("running" as const, "exited" as const, "gone" as const),
        signerOutdated: fc.boolean(),
        nodes: fc.array(
          fc.record({
            name: fc.constantFrom(FROM, TO),
            up: fc.boolean(),
            owner: fc.constantFrom("parking" as const, "validator" as const, undefined),
            parking: fc.constantFrom("running" as const, "exited" as const, "gone" as const),
            parkingOutdated: fc.boolean(),
          }),
          { maxLength: 2 },
        ),
        ticks: fc.nat(30),
        aim: fc.constantFrom(FROM, TO),
      })
      fc.assert(
        fc.property(damage, ({ signer: status, signerOutdated, nodes, ticks, aim }) => {
          const world = PaperWorld.running()
          if (aim === TO) {
            world.operation = operation
            attempt(world, planFrom(world), {}, calm)
            world.operation = undefined
          }
          world.signer = { container: status, outdated: signerOutdated && status !== "gone", tmkms: status === "running" }
          for (const { name, up, ...rest } of nodes) {
            const node = world.node(name)
            // What runs at the seat and is not signalled goes on; only power losses take processes with them.
            if (!up) world.kill(name, "node")
            if (name === aim && status === "running" && up) continue
            Object.assign(node, rest)
            node.port = undefined
          }
          if (status !== "running") world.node(aim).port = undefined
          for (let tick = 0; tick < ticks; tick++) world.tick()
          const before = world.aim
          settle(world)
          expect(world.aim).toBe(before)
          expect(valueIn(world.observed().hosts.get("sig-1"))?.signers.get("main")?.aim).toBe(aim)
          expect(world.signsThrough()).toBe(aim)
          expect(world.isParked(aim === FROM ? TO : FROM)).toBe(true)
        }),
        { numRuns: 300 },
      )
    },
    PROPERTY_MS,
  )
})
