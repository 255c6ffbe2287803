import { InvalidArgumentError, Option } from "commander"
import type { Deployment } from "../../app/deployment.ts"
import { specFile } from "../../app/load.ts"
import type { SpecSource } from "../../app/load-layers.ts"
import type { UpRequest } from "../../app/look-and-plan.ts"
import type { Way } from "../../app/up.ts"
import { durationMs } from "../../core/duration.ts"
import type { Report } from "../../core/events.ts"
import { scopeOf } from "../../core/plan/scope.ts"
import type { Topology } from "../../core/topology.ts"
import { AnswerOption } from "../answer-option.ts"
import type { Cli } from "../cli.ts"
import { jsonReport } from "../json-report.ts"

export type FileOption = { readonly file?: string; readonly destination?: string }
export type YesOption = { readonly yes?: true }
export type JsonOption = { readonly json?: true }
/** In milliseconds. */
export type LockWaitOption = { readonly lockWait?: number }

const FILE = "the topology file (default: $GONKA_HA_FILE or gonka-ha.yaml)"
export const fileOption = () => new Option("-f, --file <file>", FILE)
export const longFileOption = () => new Option("--file <file>", FILE)
export const destinationOption = () =>
  new Option("-d, --destination <name>", "put the overlay of this name over it (default: $GONKA_HA_DESTINATION)")
export const yesOption = () => new Option("-y, --yes", "do not ask")
/** @param answers names of schemas in schema/, one for each form that the answer may have */
export const jsonOption = (...answers: readonly [string, ...string[]]) => new AnswerOption("machine-readable answer", answers)
/** For commands that take their time: what happens is told as it happens, and the answer is the last line. */
export const jsonLinesOption = (answer: string) =>
  new AnswerOption("one JSON object on each line: progress as it happens, and the answer as the last one", [answer, "event"])

export const lockWaitOption = () =>
  new Option("--lock-wait <duration>", "wait for whoever is at work, for as long as 90s or 10m, instead of exit 8").argParser(durationOf)

function durationOf(text: string): number {
  if (!/^\d+(ms|s|m|h)$/.test(text)) throw new InvalidArgumentError("It must be a duration such as 90s or 10m.")
  return durationMs(text)
}

/** The deployment for a command that waits for locks as it was told to. */
export function patient(deployment: Deployment, { lockWait }: LockWaitOption): Deployment {
  return lockWait === undefined ? deployment : { ...deployment, lockWaitMs: lockWait }
}

/** For options that may be given more than once. */
export const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]

export type PartOptions = {
  readonly host: readonly string[]
  readonly node: readonly string[]
  readonly allowUnreachable?: true
  readonly inPlace?: true
}
/** What of a deployment `up` and `plan` look at, and how. */
export const partOptions = () => [
  new Option("--host <host>", "this host alone; may be given more than once").argParser(collect).default([], "every host"),
  new Option("--node <node>", "this node alone; may be given more than once").argParser(collect).default([], "every node"),
  new Option("--allow-unreachable", "leave out hosts that give no answer, as far as that is safe"),
  new Option("--in-place", "restart a changed active node where it is, and miss blocks, rather than promote another one first"),
]

export type PaceOptions = LockWaitOption & { readonly parallel?: number; readonly timeout?: number }
export const paceOptions = () => [
  new Option("--parallel <n>", "hosts and nodes that are worked on at a time (default: 8)").argParser(countOf),
  new Option("--timeout <duration>", "longest wait of a step, such as 20m (default: as long as something moves)").argParser(durationOf),
  lockWaitOption(),
]

function countOf(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new InvalidArgumentError("It is a number from 1 to 999.")
  return Number(text)
}

export function requestOf(topology: Topology, options: PartOptions): UpRequest {
  return {
    scope: scopeOf(topology, { hosts: options.host, nodes: options.node }),
    allowUnreachable: options.allowUnreachable ?? false,
    inPlace: options.inPlace ?? false,
  }
}

export function paceOf({ parallel, timeout }: PaceOptions): Pick<Way, "parallel" | "waitLimitMs"> {
  return { ...(parallel === undefined ? {} : { parallel }), ...(timeout === undefined ? {} : { waitLimitMs: timeout }) }
}

/** Which topology a command works on. */
export function sourceOf({ env }: Pick<Cli, "env">, options: FileOption): SpecSource {
  return { file: specFile(options.file, env.file), destination: options.destination ?? env.destination }
}

/** Where progress goes with `--json`; otherwise it is left to whoever opens the deployment. */
export function progressOf({ io, now }: Pick<Cli, "io" | "now">, options: JsonOption): Report | undefined {
  return options.json ? jsonReport(io.out, now) : undefined
}
