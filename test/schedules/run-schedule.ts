import type { Deployment } from "../../src/app/deployment.ts"
import { move } from "../../src/app/move.ts"
import { abort, resume } from "../../src/app/resume.ts"
import { up } from "../../src/app/up.ts"
import { AppError, EXIT } from "../../src/core/errors.ts"
import { layout } from "../../src/core/render/layout.ts"
import { Secret } from "../../src/core/secret.ts"
import type { Validator } from "../../src/core/topology.ts"
import { sha256 } from "../../src/edge/sha256.ts"
import { secretsOf } from "../support/observed.ts"
import { strike } from "./faults.ts"
import { type Command, LAPTOPS, type Schedule, type Verb } from "./schedule.ts"
import { topologyOf } from "./topologies.ts"
import { Laptop, ownFiles } from "./world/laptop.ts"
import { type Line, type Violation, World } from "./world/world.ts"

/** What one command came to. */
export type Ending = "done" | "refused" | "resumable" | "locked" | "died"

export type Outcome = {
  readonly violations: readonly Violation[]
  readonly endings: Readonly<Record<Ending, number>>
  /** Blocks from the end of the faults to the first signature, for the validator that took longest; undefined where none was owed. */
  readonly blocksToSignature: number | undefined
  readonly story: readonly Line[]
  readonly virtualMs: number
}

/** Longer than any single command may take. */
const COMMAND_LIMIT_MS = 40 * 60_000
/** Time within which a validator that can sign has to sign, from the end of the faults: sixty blocks of the usual length. */
const LIVENESS_MS = 300_000
const RESCUES = 8

export async function runSchedule(schedule: Schedule, tellsStory = false): Promise<Outcome> {
  const topology = topologyOf(schedule.shape)
  const world = new World({ ...schedule, topology }, tellsStory)
  const run = new ScheduleRun(world, schedule)
  await run.whole()
  return {
    violations: world.violations,
    endings: run.endings,
    blocksToSignature: run.blocksToSignature,
    story: world.story,
    virtualMs: world.timeline.now,
  }
}

class ScheduleRun {
  readonly endings: Record<Ending, number> = { done: 0, refused: 0, resumable: 0, locked: 0, died: 0 }
  blocksToSignature: number | undefined
  readonly #world: World
  readonly #schedule: Schedule
  readonly #files = new Map(LAPTOPS.map((name) => [String(name), ownFiles()]))
  readonly #atWork = new Set<Laptop>()
  #open = 0

  constructor(world: World, schedule: Schedule) {
    this.#world = world
    this.#schedule = schedule
  }

  async whole(): Promise<void> {
    const { timeline, chain } = this.#world
    chain.start()
    for (const item of this.#schedule.items) {
      this.#open++
      timeline.after(item.atMs, () => {
        if (item.kind === "command") timeline.settle(() => void this.#command(item).finally(() => this.#close()))
        else
          strike(
            this.#world,
            item,
            (name) => [...this.#atWork].filter((laptop) => laptop.name === name),
            () => this.#close(),
          )
      })
    }
    if (!(await this.#until(() => this.#open === 0, COMMAND_LIMIT_MS))) {
      if (this.#world.violations.length === 0) this.#world.violation("stuck", "a command has not ended")
      return
    }
    if (this.#world.violations.length === 0) await this.#recover()
  }

  #close(): void {
    this.#open--
  }

  #until(condition: () => boolean, withinMs: number): Promise<boolean> {
    const { timeline, violations } = this.#world
    return timeline
      .runUntil(() => violations.length > 0 || condition(), timeline.now + withinMs)
      .then((held) => held && violations.length === 0)
  }

  /** The faults have stopped. An operator does what the messages say, and the validator must sign again soon. */
  async #recover(): Promise<void> {
    const world = this.#world
    await this.#until(() => world.hosts.every(({ isOn }) => isOn), 120_000)
    const [fromMs, fromTip] = [world.timeline.now, world.chain.tip]
    const since = new Map<string, number>()
    const owed = world.topology.validators.filter((validator) => this.#canSign(validator))
    const isSigning = ({ name }: Validator) => (world.signedAtMs.get(name) ?? Number.NEGATIVE_INFINITY) > fromMs
    const note = () => {
      for (const validator of owed)
        if (isSigning(validator) && !since.has(validator.name)) since.set(validator.name, world.chain.tip - fromTip)
    }
    for (let rescue = 0; rescue < RESCUES && world.violations.length === 0; rescue++) {
      await this.#until(() => false, Math.max(5000, 2 * world.topology.chain.blockMs))
      note()
      if (owed.every((validator) => isSigning(validator) && this.#isWell(validator))) break
      await this.#rescue(rescue)
      note()
    }
    if (world.violations.length > 0) return
    const limit = LIVENESS_MS / world.topology.chain.blockMs
    for (const validator of owed.filter((each) => this.#canSign(each))) {
      const blocks = since.get(validator.name)
      if (blocks === undefined || blocks > limit || !this.#isWell(validator))
        world.violation("not signing", `${validator.name} does not sign ${world.chain.tip - fromTip} blocks after the faults stopped`)
      else this.blocksToSignature = Math.max(this.blocksToSignature ?? 0, blocks)
    }
  }

  async #rescue(turn: number): Promise<void> {
    const { topology } = this.#world
    for (const validator of topology.validators) {
      if (this.#operationOf(validator)) {
        const ending = await this.#byRescuer("resume", validator)
        // Whoever holds the lock is at work, or gone within seconds: the message says to wait.
        if (ending === "locked") return
        if (ending !== "done") await this.#byRescuer("abort", validator)
      }
    }
    for (const validator of topology.validators) {
      // A fence that an old copy has brought back is removed by whoever knows why it was there.
      const { control, marks } = this.#world.signerHost(validator).signerFiles(validator)
      const { disk } = this.#world.signerHost(validator)
      if (!this.#world.fencedSinceMs.has(validator.name) && (disk.has(`${control}/fence`) || disk.has(`${marks}/fence`)))
        this.#world.fence(validator, undefined)
    }
    await this.#byRescuer("up")
    for (const validator of topology.validators) {
      if (this.#isSigningNow(validator)) continue
      const to = validator.candidates[turn % validator.candidates.length]
      await this.#byRescuer("failover", validator, to)
    }
  }

  async #byRescuer(verb: Verb, validator?: Validator, to?: string): Promise<Ending> {
    const { topology, timeline } = this.#world
    const [first] = topology.validators
    if (!first) throw new Error("there is no validator")
    const { name, firstActive } = validator ?? first
    let ending: Ending | undefined
    const command: Command = { kind: "command", atMs: timeline.now, laptop: "anna", verb, validator: name, to: to ?? firstActive }
    void this.#command(command).then((how) => {
      ending = how
    })
    await this.#until(() => ending !== undefined, COMMAND_LIMIT_MS)
    if (ending === undefined && this.#world.violations.length === 0) this.#world.violation("stuck", `${verb} has not ended`)
    return ending ?? "died"
  }

  /** The signer has what it needs: its key and the newest state of it. */
  #canSign(validator: Validator): boolean {
    const world = this.#world
    if (world.lostState.has(validator.name) || world.chain.isJailed(validator.name)) return false
    const host = world.signerHost(validator)
    const height = Number(/"height":"(\d+)"/.exec(host.disk.read(host.signerFiles(validator).stateFile) ?? "")?.[1] ?? -1)
    return height >= (world.highest.get(validator.name)?.height ?? 0)
  }

  #isSigningNow({ name }: Validator): boolean {
    const { timeline, topology, signedAtMs } = this.#world
    return (signedAtMs.get(name) ?? Number.NEGATIVE_INFINITY) > timeline.now - 4 * topology.chain.blockMs
  }

  #isWell(validator: Validator): boolean {
    return this.#isSigningNow(validator) && (!this.#operationOf(validator) || this.#world.restored.has(validator.name))
  }

  #operationOf(validator: Validator): boolean {
    const { topology } = this.#world
    return this.#world.signerHost(validator).disk.has(`${topology.dir}/${layout.signer.operation(validator.name)}`)
  }

  /** One command on one machine, from its start to whatever ends it. */
  async #command(command: Command): Promise<Ending> {
    const world = this.#world
    const controller = new AbortController()
    const files = this.#files.get(command.laptop) ?? ownFiles()
    const operator = `${command.laptop}@desk`
    const laptop = new Laptop(world, world, command.laptop, operator, files, command.dieInCall)
    this.#atWork.add(laptop)
    const died = new Promise<"died">((resolve) => {
      laptop.onDeath = () => world.timeline.settle(() => resolve("died"))
    })
    if (command.interruptAfterMs !== undefined) world.timeline.after(command.interruptAfterMs, () => controller.abort())
    const { sleep } = command
    if (sleep) world.timeline.after(sleep.afterMs, () => laptop.sleepFor(sleep.forMs))
    let steps = 0
    const deployment: Deployment = {
      topology: world.topology,
      files: world.files,
      secrets: secretsOf(world.topology),
      specDigests: [{ file: "gonka-ha.yaml", sha256: sha256("the topology file") }],
      keys: { readSecret: async ({ path }) => new Secret(path), importedState: async () => undefined },
      fleet: laptop.fleet,
      clock: laptop,
      local: laptop.files,
      stateDir: ".gonka-ha",
      recordsDir: ".gonka-ha/signer-records",
      sha256,
      probeScript: "the probe",
      moveScript: "the section",
      report: (event) => {
        if (event.kind === "step-done") world.note(operator, `${event.title}${event.fact === undefined ? "" : `: ${event.fact}`}`)
        if (event.kind === "step-begins") world.note(operator, `... ${event.title}`)
        if (event.kind === "step-failed") world.note(operator, `${event.title} failed: ${event.reason}`)
        if (event.kind === "note") world.note(operator, event.text)
      },
      signal: controller.signal,
      operator,
      crashAfter: (step) => {
        if (++steps === command.dieAfterStep) laptop.die(`after the step ${step}`)
      },
    }
    world.note(operator, `$ gonka-ha ${text(command)}`)
    const ending = await Promise.race([died, this.#ending(deployment, command)])
    this.#atWork.delete(laptop)
    this.endings[ending]++
    return ending
  }

  async #ending(deployment: Deployment, command: Command): Promise<Ending> {
    const world = this.#world
    try {
      await carryOut(deployment, command)
      world.note(deployment.operator, "done")
      return "done"
    } catch (error) {
      if (!(error instanceof AppError)) {
        const what = error instanceof Error ? (error.stack ?? error.message) : String(error)
        world.violation("a bug", `${text(command)} ended with no expected error: ${what.split("\n").slice(0, 4).join(" | ")}`)
        return "refused"
      }
      const reasons = error.issues.map(({ path, message }) => `${path}: ${message}`)
      world.note(deployment.operator, `ends with exit ${error.exit}: ${[error.message, ...reasons].join("; ")}`)
      if (error.message === "") world.violation("no reason", `${text(command)} was refused without a reason`)
      if (error.exit === EXIT.lockHeld) return "locked"
      return error.exit === EXIT.halfWay || error.exit === EXIT.interrupted ? "resumable" : "refused"
    }
  }
}

async function carryOut(deployment: Deployment, { verb, to, validator }: Command): Promise<unknown> {
  switch (verb) {
    case "up":
      return up(deployment, { dryRun: false }, async () => {})
    case "resume":
      return resume(deployment, validator)
    case "abort":
      return abort(deployment, validator)
    default:
      return move(deployment, { verb, to, validator, when: { kind: "gap" } }, { dryRun: false }, async () => {})
  }
}

export function text({ verb, to, validator }: Command): string {
  switch (verb) {
    case "up":
      return "up"
    case "resume":
    case "abort":
      return `promote --${verb} --validator ${validator}`
    default:
      return `${verb} ${to} --validator ${validator}`
  }
}
