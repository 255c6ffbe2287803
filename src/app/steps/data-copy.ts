import { AppError, EXIT } from "../../core/errors.ts"
import { leftMs, leftText, paceOf, type Sample, withSample } from "../../core/observe/pace.ts"
import type { StepOf } from "../../core/plan/step.ts"
import type { HostAccess, RemoteHold, RunResult } from "../../core/ports.ts"
import { layout } from "../../core/render/layout.ts"
import { sizeText } from "../../core/size-text.ts"
import { type ChainNode, containerName, nodeOf, serviceName } from "../../core/topology.ts"
import { CARRY, KEEP_STOPPED, LIST, RECEIVE, SEND } from "../chain-data-programs.ts"
import type { Deployment } from "../deployment.ts"
import type { Run } from "../execute.ts"
import { waitFor } from "../wait.ts"
import { refuseIfSigned } from "./data-renew.ts"

/** The sibling is started again by its own host when it hears nothing from here for this long. */
const SILENCE_SECONDS = 15
/** A node's grace is 30 s, after which the engine kills it. */
const STOP_STALL_MS = 90_000
const START_STALL_MS = 60_000
const LIST_TIMEOUT_MS = 300_000
const REPORT_EVERY_MS = 2000

/**
 * Copies a sibling's chain data beside the node's own. The sibling stands still meanwhile, and only for as long as we hold on to it. What came
 * is compared with what was there, name by name and size by size; a sibling that was started in between, by whomever, makes it worthless.
 * @throws AppError REFUSED when a signer has come to the sibling, INTERRUPTED
 */
export async function copyData({ args }: StepOf<"data.copy">, run: Run): Promise<string> {
  const { deployment } = run
  const { topology, clock } = deployment
  const [node, sibling] = [nodeOf(topology, args.node), nodeOf(topology, args.from)]
  const begun = clock.monoMs()
  const hold = await run.locked(() => keepStopped(deployment, sibling))
  let copied: Listing
  try {
    copied = await copyFrom(deployment, node, sibling, hold)
  } finally {
    await hold.release()
    await startAgain(deployment, sibling)
  }
  const away = Math.round((clock.monoMs() - begun) / 1000)
  return `${copied.files} files, ${sizeText(copied.bytes)}; ${sibling.name} stood still for ${away}s`
}

async function keepStopped(deployment: Deployment, sibling: ChainNode): Promise<RemoteHold> {
  await refuseIfSigned(deployment, sibling)
  const container = containerOf(deployment, sibling)
  const hold = await deployment.fleet
    .host(sibling.host)
    .hold(["sh", "-c", KEEP_STOPPED, "keep-stopped", container, String(SILENCE_SECONDS)])
  if (!("code" in hold)) return hold
  throw new AppError("REMOTE_COMMAND", EXIT.refused, `${container} on ${sibling.host} could not be stopped: ${hold.stderr.trim()}`)
}

async function copyFrom(deployment: Deployment, node: ChainNode, sibling: ChainNode, hold: RemoteHold): Promise<Listing> {
  let lost: string | undefined
  void hold.lost.then((reason) => {
    lost = reason
  })
  await waitUntilStopped(deployment, sibling)
  const stoppedSince = await standing(deployment, sibling)
  const snapshots = node.snapshots === undefined ? "without-snapshots" : "with-snapshots"
  const there = await listing(deployment, sibling, homeOf(deployment, sibling), snapshots)
  try {
    await carry(deployment, node, sibling, snapshots, there.bytes)
    const here = await listing(deployment, node, incomingOf(deployment, node), "with-snapshots")
    const hasStoodStill = lost === undefined && (await standing(deployment, sibling)) === stoppedSince
    if (!hasStoodStill) throw worthless(`${sibling.name} was started while it was copied${lost === undefined ? "" : `: ${lost}`}`)
    if (here.digest !== there.digest)
      throw worthless(`${here.files} files of ${there.files} came, ${sizeText(here.bytes)} of ${sizeText(there.bytes)}`)
    return here
  } catch (error) {
    await forgetCopy(deployment, node)
    throw error
  }
}

function worthless(reason: string): AppError {
  return new AppError("REMOTE_COMMAND", EXIT.halfWay, `the copy is not whole, and was thrown away: ${reason}`, {
    hint: "run the same command again",
  })
}

/** It takes as much room as the node's own data. */
async function forgetCopy(deployment: Deployment, node: ChainNode): Promise<void> {
  const copy = incomingOf(deployment, node)
  const removal = deployment.fleet.host(node.host).run(["sh", "-c", 'rm -rf "$1"', "forget-copy", copy], { timeoutMs: LIST_TIMEOUT_MS })
  await removal.catch(() =>
    deployment.report({ kind: "note", text: `what was copied lies in ${copy} on ${node.host}; the next copy takes its place` }),
  )
}

async function waitUntilStopped(deployment: Deployment, sibling: ChainNode): Promise<void> {
  const container = containerOf(deployment, sibling)
  await waitFor(deployment, {
    what: `${sibling.name} to stop`,
    stallMs: STOP_STALL_MS,
    pollMs: 250,
    interruptible: true,
    look: async () => {
      const status = (await deployment.fleet.host(sibling.host).inspect(container))?.status ?? "gone"
      return status === "exited" ? { done: true, value: undefined } : { done: false, progress: status, now: `it is ${status}` }
    },
  })
}

/** Its state and the moment of its last start: they change when somebody starts it, also when it has been stopped again since. */
async function standing(deployment: Deployment, sibling: ChainNode): Promise<string> {
  const argv = ["docker", "inspect", "--format", "{{.State.Status}} {{.State.StartedAt}}", containerOf(deployment, sibling)]
  const result = await deployment.fleet.host(sibling.host).run(argv)
  if (result.code === 0) return result.stdout.trim()
  throw new AppError("ENGINE", EXIT.halfWay, `whether ${sibling.name} stands still is not known: ${result.stderr.trim()}`)
}

async function startAgain(deployment: Deployment, sibling: ChainNode): Promise<void> {
  const container = containerOf(deployment, sibling)
  const host = deployment.fleet.host(sibling.host)
  await waitFor(deployment, {
    what: `${sibling.name} to run again`,
    stallMs: START_STALL_MS,
    pollMs: 500,
    hint: "`gonka-ha up` starts it",
    look: async () => {
      const status = (await host.inspect(container))?.status ?? "gone"
      if (status === "running") return { done: true, value: undefined }
      if (status === "exited") await host.start(container)
      return { done: false, progress: status, now: `it is ${status}` }
    },
  })
}

type Listing = { readonly digest: string; readonly files: number; readonly bytes: number }

async function listing({ fleet }: Deployment, { name, host }: ChainNode, dir: string, snapshots: string): Promise<Listing> {
  const result = await fleet.host(host).run(["sh", "-c", LIST, "list-data", dir, snapshots], { timeoutMs: LIST_TIMEOUT_MS })
  const [, digest, files, bytes] = /^([0-9a-f]{64}) (\d+) (\d+)\n$/.exec(result.stdout) ?? []
  if (result.code === 0 && digest !== undefined) return { digest, files: Number(files), bytes: Number(bytes) }
  throw new AppError("REMOTE_COMMAND", EXIT.halfWay, `the chain data of ${name} on ${host} cannot be listed: ${result.stderr.trim()}`)
}

/** On one host it stays there; between hosts it goes through this machine, piece by piece. */
async function carry(deployment: Deployment, node: ChainNode, sibling: ChainNode, snapshots: string, bytes: number): Promise<void> {
  const { fleet } = deployment
  const [from, to] = [homeOf(deployment, sibling), incomingOf(deployment, node)]
  const source = fleet.host(sibling.host)
  const told = progressOf(deployment, node, sibling, bytes)
  if (sibling.host === node.host) {
    await streamed(deployment, source, ["sh", "-c", CARRY, "carry-data", from, snapshots, to], async () => true)
    return
  }
  const feed = await fleet.host(node.host).feed(["sh", "-c", RECEIVE, "receive-data", to])
  try {
    // One that takes nothing any more has ended, and says why when it is asked.
    await streamed(deployment, source, ["sh", "-c", SEND, "send-data", from, snapshots], async (piece) => {
      told(piece.length)
      return feed.write(piece)
    })
  } catch (error) {
    const hasEnded = error instanceof AppError && error.code === "REMOTE_COMMAND"
    if (!hasEnded) feed.abort()
    const result = hasEnded ? await feed.end().catch(() => undefined) : undefined
    throw result && result.code !== 0 ? cannotUnpack(node, result) : error
  }
  const result = await feed.end()
  if (result.code !== 0) throw cannotUnpack(node, result)
}

function cannotUnpack({ name, host }: ChainNode, { stderr }: RunResult): AppError {
  return new AppError(
    "REMOTE_COMMAND",
    EXIT.halfWay,
    `the copy for ${name} could not be written on ${host}: ${stderr.trim().split("\n").at(-1)}`,
  )
}

/** @throws AppError INTERRUPTED, REMOTE_COMMAND when the command fails or its output is not wanted any more */
async function streamed(
  deployment: Deployment,
  source: HostAccess,
  argv: readonly string[],
  out: (piece: Uint8Array) => Promise<boolean>,
): Promise<void> {
  let said = ""
  const err = async (piece: Uint8Array) => {
    said = `${said}${Buffer.from(piece).toString()}`.slice(-2000)
    return true
  }
  const code = await source.stream(argv, { out, err, signal: deployment.signal })
  if (deployment.signal.aborted)
    throw new AppError("INTERRUPTED", EXIT.interrupted, "interrupted while chain data was copied; nothing was changed")
  if (code !== 0)
    throw new AppError("REMOTE_COMMAND", EXIT.halfWay, `the copy ended early: ${said.trim().split("\n").at(-1) || "it gave no reason"}`)
}

/** Tells how far the copy is, every few seconds. */
function progressOf({ clock, report }: Deployment, node: ChainNode, sibling: ChainNode, bytes: number): (more: number) => void {
  const begun = clock.monoMs()
  let [done, reportedAt] = [0, begun]
  let samples: readonly Sample[] = []
  return (more) => {
    done += more
    const at = clock.monoMs()
    if (at - reportedAt < REPORT_EVERY_MS) return
    reportedAt = at
    samples = withSample(samples, { atMs: at, value: done })
    const pace = paceOf(samples)
    const way = pace === undefined ? "" : `, ${sizeText(pace.perSecond)}/s, ${leftText(leftMs(bytes - done, pace))}`
    const now = `${sizeText(done)} of ${sizeText(bytes)}${way}`
    report({ kind: "waiting", what: `the copy from ${sibling.name} to ${node.name}`, now, sinceMs: at - begun })
  }
}

function containerOf({ topology }: Deployment, node: ChainNode): string {
  return containerName(topology, serviceName.node(node.name))
}

function homeOf({ topology }: Deployment, node: ChainNode): string {
  return `${topology.dir}/${layout.node.home(node.name)}`
}

function incomingOf({ topology }: Deployment, node: ChainNode): string {
  return `${topology.dir}/${layout.node.incoming(node.name)}`
}
