import { AppError, reasonOf } from "../../core/errors.ts"
import { catchingUpText } from "../../core/observe/catching-up.ts"
import { assess } from "../../core/observe/health.ts"
import { type Sample, withSample } from "../../core/observe/pace.ts"
import { type NodeSeen, seen } from "../../core/observe/state.ts"
import { stateSyncNews } from "../../core/observe/state-sync-log.ts"
import type { StepOf } from "../../core/plan/step.ts"
import { type ChainNode, containerName, nodeOf, serviceName } from "../../core/topology.ts"
import { rpcOf } from "../chain.ts"
import type { Deployment } from "../deployment.ts"
import type { Run } from "../execute.ts"
import { waitFor } from "../wait.ts"

/** A node that starts may load a large store before it says anything. */
const START_STALL_MS = 180_000

export async function waitUntilFresh({ args }: StepOf<"node.fresh">, { deployment }: Run): Promise<string> {
  const { topology, fleet, clock } = deployment
  const node = nodeOf(topology, args.node)
  const rpc = rpcOf(fleet, node)
  const beginning = newsOfBeginning(deployment, node)
  let samples: readonly Sample[] = []
  return waitFor(deployment, {
    what: `${args.node} to be fresh`,
    stallMs: START_STALL_MS,
    pollMs: 250,
    interruptible: true,
    hint: `look at its log: ssh ${node.host} docker logs --tail 50 ${containerName(topology, serviceName.node(args.node))}`,
    look: async () => {
      const [now, tip, missing] = await Promise.all([rpc.look(clock).catch(failure), bestTip(deployment), notConnectedTo(deployment, node)])
      if (now instanceof AppError || now.height === 0) return beginning(now)
      samples = withSample(samples, { atMs: clock.monoMs(), value: now.height })
      const health = assess(seen(now), tip, topology.policy)
      if (health.verdict === "fresh" && missing.length > 0) {
        return { done: false, progress: missing.join(), now: `height ${now.height}, not connected again yet: ${missing.join(", ")}` }
      }
      if (health.verdict === "fresh") return { done: true, value: `height ${now.height}` }
      const way = catchingUpText({ ...now, tip: tip?.height, blockMs: topology.chain.blockMs }, samples)
      return { done: false, progress: now.height, now: way ?? `height ${now.height}, ${health.verdict}: ${health.reasons.join("; ")}` }
    },
  })
}

type Standing = { readonly done: false; readonly progress: string | number; readonly now: string }

/** A log is long, and a look at the node comes four times a second. */
const LOG_EVERY_MS = 2000
/** Peers fill a log quickly; a chunk of a snapshot comes every few seconds. */
const LOG_LINES = 200

/** What a node without blocks is at: only its log tells, and only while it syncs. */
function newsOfBeginning({ fleet, topology, clock }: Deployment, node: ChainNode): (now: NodeSeen | AppError) => Promise<Standing> {
  const container = containerName(topology, serviceName.node(node.name))
  let readAt = Number.NEGATIVE_INFINITY
  let news: ReturnType<typeof stateSyncNews>
  return async (now) => {
    if (clock.monoMs() - readAt >= LOG_EVERY_MS) {
      readAt = clock.monoMs()
      news = stateSyncNews(
        await fleet
          .host(node.host)
          .logs(container, { tail: LOG_LINES })
          .catch(() => []),
      )
    }
    if (news) return { done: false, progress: news.progress, now: news.text }
    if (now instanceof AppError) return { done: false, progress: "no answer", now: reasonOf(now) }
    return { done: false, progress: 0, now: node.bootstrap === "genesis" ? "has no block yet" : "state sync: looking for a snapshot" }
  }
}

function failure(error: unknown): AppError {
  if (error instanceof AppError) return error
  throw error
}

/**
 * Private nodes that are well and have lost this sentry. Fresh by itself is not enough for a sentry that was restarted: as long as they
 * do not have it back, touching the next sentry would leave them without any.
 */
async function notConnectedTo({ topology, fleet, clock }: Deployment, sentry: ChainNode): Promise<readonly string[]> {
  if (sentry.role !== "sentry") return []
  const looks = await Promise.all(
    topology.nodes
      .filter((node) => node.role === "private")
      .map(async (node) => ({
        name: node.name,
        seen: await rpcOf(fleet, node)
          .look(clock)
          .catch(() => undefined),
      })),
  )
  return looks
    .filter(
      ({ seen: node }) => node && assess(seen(node), undefined, topology.policy).verdict === "fresh" && !node.peerIds.includes(sentry.id),
    )
    .map(({ name }) => name)
}

/** The newest height among the nodes that answer at once. */
async function bestTip({ topology, fleet }: Deployment): Promise<{ height: number; ageMs: number } | undefined> {
  const heights = await Promise.all(
    topology.nodes.map((node) =>
      rpcOf(fleet, node)
        .height()
        .catch(() => 0),
    ),
  )
  const height = Math.max(0, ...heights)
  return height === 0 ? undefined : { height, ageMs: 0 }
}
