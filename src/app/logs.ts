import { AppError, EXIT, reasonOf } from "../core/errors.ts"
import { LineCutter } from "../core/logs/line-cutter.ts"
import { type LogLine, logLine } from "../core/logs/log-line.ts"
import { merged } from "../core/logs/merged.ts"
import { namedNode, namedService, namedValidator } from "../core/named.ts"
import { printable } from "../core/printable.ts"
import { containerName, serviceName, type Topology } from "../core/topology.ts"
import type { Deployment } from "./deployment.ts"
import { handedOver } from "./handed-over.ts"

/** Whose logs. */
export type LogNames = {
  /** Load balancers, too, by the names of their containers. */
  readonly nodes: readonly string[]
  /** Validators, for their signers. */
  readonly signers: readonly string[]
  /** Nodes, for their parking signers. */
  readonly parkings: readonly string[]
}

export type LogRequest = LogNames & {
  readonly follow: boolean
  /** As the engine takes it: a length of time back from now, or a moment. */
  readonly since: string | undefined
  /** Lines at the end of each log; undefined for all of them. */
  readonly tail: number | undefined
}

/** One container whose log is read; its source is the name before its lines. */
export type LogSource = { readonly source: string; readonly host: string; readonly container: string }

/** A log that could not be read to its end, and why. */
export type LogFailure = { readonly source: string; readonly host: string; readonly reason: string; readonly isUnreachable: boolean }

export type LogsRead = {
  readonly wasInterrupted: boolean
  readonly failures: readonly LogFailure[]
}

/** Takes the next lines. False when nobody reads them any more. */
export type TakeLines = (lines: readonly LogLine[]) => Promise<boolean>

/** Longer lines are cut: nobody reads them, and a host must not fill this machine's memory with one. */
const MAX_LINE_CHARS = 4000
/** Lines of a merged log that are handed on together. */
const BATCH_LINES = 200
/** What a host last said on standard error. */
const MAX_ERROR_CHARS = 400

/**
 * Arguments: container, options of `docker logs`. Both outputs come through one pipe, so that the engine's order of them stays. The engine
 * would follow a log in which nothing is written for ever; it is ended when the input ends, and so when we do.
 */
const READ = `name=$1
shift
docker inspect --type container --format . "$name" >/dev/null || exit 66
exec 3<&0
docker logs --timestamps "$@" "$name" 2>&1 3<&- &
logs=$!
(cat <&3; kill $logs) >/dev/null 2>&1 &
watch=$!
exec 3<&-
wait $logs
code=$?
kill $watch 2>/dev/null
exit $code`

/** The containers that are meant. @throws AppError USAGE with the names that there are */
export function logSources(topology: Topology, { nodes, signers, parkings }: LogNames): readonly LogSource[] {
  const at = (host: string, service: string): LogSource => ({ source: service, host, container: containerName(topology, service) })
  return [
    ...nodes.map((name) => {
      const named = namedService(topology, name)
      return at(named.kind === "node" ? named.node.host : named.balancer.host, name)
    }),
    ...signers.map((name) => at(namedValidator(topology, name).signerHost, serviceName.signer(name))),
    ...parkings.map((name) => {
      const node = namedNode(topology, name)
      if (node.candidateOf.length === 0)
        throw new AppError("USAGE", EXIT.usage, `${name} is a candidate of no validator, so it has no parking signer`)
      return at(node.host, serviceName.parking(name))
    }),
  ].filter(({ source }, index, all) => all.findIndex((other) => other.source === source) === index)
}

/**
 * Logs as they are, oldest line first; with several of them in the order of their times, and while they are followed as they come. One that
 * cannot be read holds up no other one.
 */
export async function readLogs(
  deployment: Pick<Deployment, "fleet" | "signal">,
  sources: readonly LogSource[],
  request: Omit<LogRequest, keyof LogNames>,
  take: TakeLines,
): Promise<LogsRead> {
  const enough = new AbortController()
  const signal = AbortSignal.any([deployment.signal, enough.signal])
  const failures: LogFailure[] = []
  const give: TakeLines = async (lines) => {
    if (!(await take(lines))) enough.abort()
    return !signal.aborted
  }
  const read = async (source: LogSource, to: TakeLines) => {
    try {
      await readOne(deployment, source, request, signal, to)
    } catch (error) {
      const isUnreachable = error instanceof AppError && error.exit === EXIT.unreachable
      failures.push({ source: source.source, host: source.host, reason: reasonOf(error), isUnreachable })
    }
  }
  if (request.follow || sources.length === 1) await Promise.all(sources.map((source) => read(source, give)))
  else {
    const batches = sources.map((source) => handedOver<readonly LogLine[]>((to) => read(source, to)))
    try {
      await inBatches(merged(batches), give)
    } finally {
      enough.abort()
      await Promise.all(batches.map((batch) => batch.return()))
    }
  }
  return { wasInterrupted: deployment.signal.aborted, failures }
}

async function inBatches(lines: AsyncIterable<LogLine>, give: TakeLines): Promise<void> {
  let batch: LogLine[] = []
  for await (const line of lines) {
    batch.push(line)
    if (batch.length < BATCH_LINES) continue
    if (!(await give(batch))) return
    batch = []
  }
  if (batch.length > 0) await give(batch)
}

async function readOne(
  { fleet }: Pick<Deployment, "fleet">,
  { source, host, container }: LogSource,
  { follow, since, tail }: Omit<LogRequest, keyof LogNames>,
  signal: AbortSignal,
  give: TakeLines,
): Promise<void> {
  const options = [
    ...(follow ? ["--follow"] : []),
    ...(since === undefined ? [] : ["--since", since]),
    ...(tail === undefined ? [] : ["--tail", String(tail)]),
  ]
  const lines = new LineCutter(MAX_LINE_CHARS)
  const errors = new LineCutter(MAX_ERROR_CHARS)
  let said = ""
  const code = await fleet.host(host).stream(["sh", "-c", READ, "read-log", container, ...options], {
    signal,
    out: async (piece) => {
      const ended = lines.push(piece)
      return ended.length === 0 || give(ended.map((line) => logLine(source, line)))
    },
    err: async (piece) => {
      said = errors.push(piece).at(-1)?.text ?? said
      return true
    },
  })
  const last = lines.end()
  if (last.length > 0 && code !== undefined) await give(last.map((line) => logLine(source, line)))
  if (code === undefined || code === 0) return
  throw new AppError("ENGINE", EXIT.halfWay, printable(errors.end().at(-1)?.text ?? said) || `docker logs ended with ${code}`)
}
