import { beforeEach, describe, expect, it } from "vitest"
import { execute, type Facts, type Handlers } from "../../../src/app/execute.ts"
import { handlers as realHandlers } from "../../../src/app/handlers.ts"
import { AppError, EXIT } from "../../../src/core/errors.ts"
import { type Step, type StepKind, stepTitle } from "../../../src/core/plan/step.ts"
import { aDeployment, aRun, type PaperDeployment } from "../../support/paper-deployment.ts"

const cause = "because"
const steps: readonly Step[] = [
  { kind: "standby.ready", args: { node: "node-2", validator: "main" }, cause },
  { kind: "standby.detach", args: { node: "node-2", validator: "main", timing: "in-gap" }, cause },
  { kind: "signer.move", args: { validator: "main", from: "node-1", to: "node-2", timing: "in-gap", recreate: false }, cause },
  { kind: "port.give", args: { node: "node-1", owner: "parking" }, cause },
  { kind: "chain.signing", args: { validator: "main", node: "node-2", blocks: 2 }, cause },
]
const kinds = steps.map(({ kind }) => kind)
const titles = steps.map(stepTitle)

let ran: StepKind[]
let deployment: PaperDeployment

beforeEach(() => {
  ran = []
  deployment = aDeployment()
})

/** What each step does to the facts, as the real handlers do. */
function learn(kind: StepKind, facts: Facts): void {
  if (kind === "standby.detach") facts.detached = { after: 1000 }
  if (kind === "signer.move") facts.stopped = { height: 1001, round: 0, step: 2 }
}

/** Handlers that note that they ran; a test replaces what one of them does. */
function handlers(special: Partial<Record<StepKind, () => Promise<string | undefined>>> = {}): Handlers {
  const entries = Object.keys(realHandlers).map((kind) => [
    kind,
    async (step: Step, run: { readonly facts: Facts }) => {
      ran.push(step.kind)
      deployment.clock.advance(100)
      const fact = await special[step.kind]?.()
      learn(step.kind, run.facts)
      return fact
    },
  ])
  return Object.fromEntries(entries)
}

const journal = () =>
  (deployment.local.texts.get(".gonka-ha/journal/20261123-120000-test.jsonl") ?? "")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line))

it("runs every step once, in order", async () => {
  await execute(steps, handlers(), aRun(deployment))
  expect(ran).toEqual(kinds)
})

it("writes each step into the journal before it runs and after", async () => {
  const linesWhenRunning: number[] = []
  const look = async () => {
    linesWhenRunning.push(journal().length)
    return "seen"
  }
  await execute(steps.slice(1, 3), handlers({ "standby.detach": look, "signer.move": look }), aRun(deployment))
  expect(linesWhenRunning).toEqual([1, 3])
  expect(journal()).toEqual([
    { time: "2026-11-23T12:00:00.000Z", at: "step-begins", step: steps[1], title: titles[1] },
    {
      time: "2026-11-23T12:00:00.100Z",
      at: "step-done",
      step: steps[1],
      title: titles[1],
      tookMs: 100,
      fact: "seen",
      facts: { detached: { after: 1000 } },
    },
    { time: "2026-11-23T12:00:00.100Z", at: "step-begins", step: steps[2], title: titles[2] },
    {
      time: "2026-11-23T12:00:00.200Z",
      at: "step-done",
      step: steps[2],
      title: titles[2],
      tookMs: 100,
      fact: "seen",
      facts: { detached: { after: 1000 }, stopped: { height: 1001, round: 0, step: 2 } },
    },
  ])
})

it("reports each step with its place, its length and what it saw", async () => {
  await execute(steps.slice(0, 1), handlers({ "standby.ready": async () => "height 1000" }), aRun(deployment))
  const head = { number: 1, of: 1, title: "node-2: wait until ready to take over", host: "val-2" }
  expect(deployment.events).toEqual([
    { kind: "step-begins", ...head },
    { kind: "step-done", ...head, tookMs: 100, fact: "height 1000" },
  ])
})

it("says of everything that a step tells to which step and host it belongs", async () => {
  const telling: Handlers = {
    ...handlers(),
    "signer.move": async (_, { deployment: { report } }) => {
      report({ kind: "waiting", what: "the pause", now: "height 1000", sinceMs: 5 })
      report({ kind: "note", text: "of another host", host: "val-1" })
      return undefined
    },
  }
  await execute(steps.slice(1, 3), telling, aRun(deployment))
  expect(deployment.events.filter(({ kind }) => kind === "waiting" || kind === "note")).toEqual([
    { kind: "waiting", number: 2, host: "sig-1", what: "the pause", now: "height 1000", sinceMs: 5 },
    { kind: "note", number: 2, host: "val-1", text: "of another host" },
  ])
})

it("stops at a step that fails: what comes after has not begun", async () => {
  const failure = new AppError("HALF_WAY", EXIT.halfWay, "the pause was missed", { retry: true })
  const failing = handlers({ "signer.move": () => Promise.reject(failure) })
  await expect(execute(steps, failing, aRun(deployment))).rejects.toBe(failure)
  expect(ran).toEqual(kinds.slice(0, 3))
  expect(journal().at(-1)).toMatchObject({ at: "step-failed", step: steps[2], reason: "the pause was missed" })
  expect(deployment.events.at(-1)).toMatchObject({ kind: "step-failed", number: 3, of: 5, reason: "the pause was missed" })
})

it("begins no step when the right to it was lost", async () => {
  let asked = 0
  const lost = new AppError("LOCK_LOST", EXIT.halfWay, "the lock was lost")
  const stillOurs = () => {
    asked += 1
    if (asked > 2) throw lost
  }
  await expect(execute(steps, handlers(), aRun(deployment, { stillOurs }))).rejects.toBe(lost)
  expect(ran).toEqual(kinds.slice(0, 2))
})

describe("Ctrl-C", () => {
  const interruptIn = (kind: StepKind) =>
    execute(
      steps,
      handlers({
        [kind]: async () => {
          deployment.interrupt()
          return undefined
        },
      }),
      aRun(deployment),
    )

  it.each([
    { during: "standby.ready" as const, last: "standby.ready" },
    { during: "standby.detach" as const, last: "port.give" },
    { during: "signer.move" as const, last: "port.give" },
    { during: "port.give" as const, last: "port.give" },
  ])("during $during stops after $last", async ({ during, last }) => {
    await expect(interruptIn(during)).rejects.toMatchObject({ code: "INTERRUPTED", exit: 130 })
    expect(ran.at(-1)).toBe(last)
  })

  it("before anything begins nothing", async () => {
    deployment.interrupt()
    await expect(execute(steps, handlers(), aRun(deployment))).rejects.toMatchObject({
      code: "INTERRUPTED",
      message: "interrupted before: node-2: wait until ready to take over",
    })
    expect([ran, journal()]).toEqual([[], []])
  })

  it("goes on when an earlier command left the signer stopped", async () => {
    deployment.interrupt()
    const facts = { stopped: { height: 1001, round: 0, step: 2 } }
    await expect(execute(steps, handlers(), aRun(deployment, { facts }))).rejects.toMatchObject({ code: "INTERRUPTED" })
    expect(ran).toEqual(kinds.slice(0, 4))
  })

  it("in the last step is too late to stop anything", async () => {
    await interruptIn("chain.signing")
    expect(ran).toEqual(kinds)
  })
})

it("can be killed right after any step, by name", async () => {
  const dying = aDeployment(
    {},
    {
      crashAfter: (kind) => {
        if (kind === "signer.move") throw new Error("killed")
      },
    },
  )
  await expect(execute(steps, handlers(), aRun(dying))).rejects.toThrow("killed")
  expect(ran).toEqual(kinds.slice(0, 3))
})
