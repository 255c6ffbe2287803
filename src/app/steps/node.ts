import { assess } from "../../core/observe/health.ts"
import { seen } from "../../core/observe/state.ts"
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
  return waitFor(deployment, {
    what: `${args.node} to be fresh`,
    stallMs: START_STALL_MS,
    pollMs: 250,
    interruptible: true,
    hint: `look at its log: ssh ${node.host} docker logs --tail 50 ${containerName(topology, serviceName.node(args.node))}`,
    look: async () => {
      const [now, tip, missing] = await Promise.all([rpc.look(clock), bestTip(deployment), notConnectedTo(deployment, node)])
      const health = assess(seen(now), tip, topology.policy)
      if (health.verdict === "fresh" && missing.length > 0) {
        return { done: false, progress: missing.join(), now: `height ${now.height}, not connected again yet: ${missing.join(", ")}` }
      }
      return health.verdict === "fresh"
        ? { done: true, value: `height ${now.height}` }
        : { done: false, progress: now.height, now: `height ${now.height}, ${health.verdict}: ${health.reasons.join("; ")}` }
    },
  })
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
