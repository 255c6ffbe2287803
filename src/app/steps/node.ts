import { assess } from "../../core/observe/health.ts"
import { seen } from "../../core/observe/state.ts"
import type { StepOf } from "../../core/plan/step.ts"
import { containerName, nodeOf, serviceName } from "../../core/topology.ts"
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
      const [now, tip] = await Promise.all([rpc.look(clock), bestTip(deployment)])
      const health = assess(seen(now), tip, topology.policy)
      return health.verdict === "fresh"
        ? { done: true, value: `height ${now.height}` }
        : { done: false, progress: now.height, now: `height ${now.height}, ${health.verdict}: ${health.reasons.join("; ")}` }
    },
  })
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
