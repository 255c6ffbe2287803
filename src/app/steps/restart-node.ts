import { AppError, EXIT } from "../../core/errors.ts"
import { containerOf } from "../../core/observe/who-signs.ts"
import type { StepOf } from "../../core/plan/step.ts"
import { type ChainNode, containerName, hostOf, nodeOf, serviceName, type Topology } from "../../core/topology.ts"
import { readHost } from "../collect.ts"
import type { Run } from "../execute.ts"
import { waitFor } from "../wait.ts"

/** The node's own grace is 30 s; what the engine takes beside that is far less. */
const RESTART_TIMEOUT_MS = 120_000
/** From its container's start to the record of it, which the start writes before anything else. */
const RECORD_STALL_MS = 60_000

/**
 * Restarts a node; whether it then has a privval port is what its owner file says. Waits for the node's own record of that start where it
 * makes one, not until it follows the chain.
 * @throws AppError REFUSED (exit 7) when the port is the validator's signer's and the cost of that was not accepted
 */
export async function restartNode({ args }: StepOf<"node.restart">, run: Run): Promise<string> {
  const { deployment } = run
  const { topology, fleet } = deployment
  const node = nodeOf(topology, args.node)
  const container = containerName(topology, serviceName.node(args.node))
  const before = await readHost(deployment, hostOf(topology, node.host))
  if (before.kind === "unknown") throw new AppError("HOST_UNREACHABLE", EXIT.unreachable, before.reason)
  const owner = before.value.owners.get(args.node)
  const isAccepted = owner === "parking" || owner === "plain" || (owner === "validator" && args.costAccepted === true)
  if (node.candidateOf.length > 0 && !isAccepted) {
    const message = `${args.node} is not restarted: its privval port belongs to ${owner ?? "nobody"}, and only a standby's is the parking signer's or nobody's`
    throw new AppError("REFUSED", EXIT.halfWay, message, { hint: "`gonka-ha status` shows who signs" })
  }
  const wanted = owner === "plain" ? "plain" : "port"
  run.stillOurs()
  const result = await fleet
    .host(node.host)
    .run(["sh", "-c", 'docker restart "$1"', "restart-node", container], { timeoutMs: RESTART_TIMEOUT_MS })
  if (result.code !== 0)
    throw new AppError("ENGINE", EXIT.halfWay, `${container} on ${node.host} could not be restarted: ${result.stderr.trim()}`)
  if (!leavesRecord(topology, node)) return `${container} restarted`
  return waitFor(deployment, {
    what: `${args.node} to start ${wanted === "plain" ? "without" : "with"} a privval port`,
    stallMs: RECORD_STALL_MS,
    pollMs: 250,
    hint: `look at its log: ssh ${node.host} docker logs --tail 50 ${container}`,
    look: async () => {
      const host = await readHost(deployment, hostOf(topology, node.host))
      if (host.kind === "unknown") return { done: false, progress: "unknown", now: host.reason }
      const status = containerOf(topology, host.value, serviceName.node(args.node))?.status ?? "gone"
      const started = host.value.started.get(args.node)
      return started === wanted && status === "running"
        ? { done: true, value: wanted === "plain" ? "without a privval port" : "with a privval port" }
        : { done: false, progress: "waiting", now: `${container} is ${status}, last started ${started ?? "in a way that is not recorded"}` }
    },
  })
}

/** Only a node that may be a plain standby tells how it was started. */
function leavesRecord({ policy }: Topology, { candidateOf }: ChainNode): boolean {
  return policy.standby === "plain" && candidateOf.length > 0
}
