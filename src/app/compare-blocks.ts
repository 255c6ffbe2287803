import { reasonOf } from "../core/errors.ts"
import { healthOf } from "../core/observe/health.ts"
import { type Observed, type Reading, seen, unknown, valueIn } from "../core/observe/state.ts"
import type { BlockCompared } from "../core/plan/preflight/facts.ts"
import { type ChainNode, nodeOf } from "../core/topology.ts"
import { rpcOf } from "./chain.ts"
import type { Deployment } from "./deployment.ts"

type Eyes = Pick<Deployment, "topology" | "fleet">

/** One block as two fresh sentries have it. @throws Error when there is no such block, or when fewer than two are fresh */
export async function compareWitnesses(eyes: Eyes, observed: Observed): Promise<BlockCompared> {
  const fresh = freshSentries(eyes, observed).slice(0, 2)
  if (fresh.length < 2) throw new Error("fewer than two sentries are fresh")
  return compare(eyes, observed, fresh)
}

/** One block as the target and a fresh sentry have it. @throws Error when there is no such block, or no such sentry */
export async function compareTarget(eyes: Eyes, observed: Observed, to: string): Promise<BlockCompared> {
  const [witness] = freshSentries(eyes, observed)
  if (!witness) throw new Error("no sentry is fresh")
  return compare(eyes, observed, [nodeOf(eyes.topology, to), witness])
}

function freshSentries({ topology }: Eyes, observed: Observed): readonly ChainNode[] {
  return topology.nodes.filter(({ role, name }) => role === "sentry" && healthOf(observed, name, topology.policy).verdict === "fresh")
}

/** The newest block that all of them have: one below the lowest, since the commit of the newest may still change. */
async function compare({ fleet }: Eyes, observed: Observed, nodes: readonly ChainNode[]): Promise<BlockCompared> {
  const heights = nodes.map(({ name }) => valueIn(observed.nodes.get(name))?.height ?? 0)
  const height = Math.min(...heights) - 1
  if (height < 1) throw new Error("there is no block yet that all of them have")
  const hashes = await Promise.all(
    nodes.map(
      async (node): Promise<readonly [string, Reading<string>]> => [
        node.name,
        await rpcOf(fleet, node)
          .blockHash(height)
          .then(seen)
          .catch((error: unknown) => unknown(reasonOf(error))),
      ],
    ),
  )
  return { height, hashes: new Map(hashes) }
}
