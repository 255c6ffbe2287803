import { AppError, EXIT } from "../../core/errors.ts"
import type { StepOf } from "../../core/plan/step.ts"
import { layout } from "../../core/render/layout.ts"
import { type ChainNode, containerName, hostOf, nodeOf, serviceName } from "../../core/topology.ts"
import { RENEW } from "../chain-data-programs.ts"
import { readHost } from "../collect.ts"
import type { Deployment } from "../deployment.ts"
import type { Run } from "../execute.ts"

/** The node's own grace is 30 s; what the engine takes beside that is far less. */
const STOP_TIMEOUT_MS = 120_000
/** Renames, and the disk's promise to remember them. */
const RENEW_TIMEOUT_MS = 120_000

/**
 * Stops a node, sets its chain data aside, and starts it again, on a copy or on nothing.
 * @throws AppError REFUSED (exit 7) when its port is the validator's signer's by now
 */
export async function renewData({ args }: StepOf<"data.renew">, run: Run): Promise<string> {
  const { deployment } = run
  const { topology, fleet } = deployment
  const node = nodeOf(topology, args.node)
  const container = containerName(topology, serviceName.node(node.name))
  const host = fleet.host(node.host)
  await refuseIfSigned(deployment, node)
  run.stillOurs()
  const stopped = await host.run(["sh", "-c", 'docker stop "$1"', "stop-node", container], { timeoutMs: STOP_TIMEOUT_MS })
  if (stopped.code !== 0)
    throw new AppError("ENGINE", EXIT.halfWay, `${container} on ${node.host} could not be stopped: ${stopped.stderr.trim()}`)
  const home = `${topology.dir}/${layout.node.home(node.name)}`
  const aside = `${topology.dir}/${asideOf(node, run.operation)}`
  const how = args.copied ? "copied" : "bare"
  const argv = ["sh", "-c", RENEW, "renew-data", home, aside, how, `${topology.dir}/${layout.node.incoming(node.name)}`]
  const renewed = await host.run(argv, { timeoutMs: RENEW_TIMEOUT_MS })
  if (renewed.code !== 0)
    throw new AppError("REMOTE_COMMAND", EXIT.halfWay, `the chain data of ${node.name} could not be set aside: ${renewed.stderr.trim()}`, {
      hint: `it stands still; look into ${home} on ${node.host}, then \`gonka-ha up\` starts it`,
    })
  await host.start(container)
  return `what it had is in ${aside}`
}

/** Where a node's earlier data lies after an operation, below the deployment's directory. */
export function asideOf(node: Pick<ChainNode, "name">, operation: string): string {
  return `${layout.node.setAside(node.name)}/${operation}`
}

/** A signer may have come to a node since the plan was made; one whose port nobody has is none that can be judged. */
export async function refuseIfSigned(deployment: Deployment, node: ChainNode): Promise<void> {
  if (node.candidateOf.length === 0) return
  const now = await readHost(deployment, hostOf(deployment.topology, node.host))
  if (now.kind === "unknown") throw new AppError("HOST_UNREACHABLE", EXIT.unreachable, now.reason)
  const owner = now.value.owners.get(node.name)
  if (owner === "parking" || owner === "plain") return
  const message = `${node.name} is not stopped: its privval port belongs to ${owner ?? "nobody"}, and only a standby's is the parking signer's or nobody's`
  throw new AppError("REFUSED", EXIT.halfWay, message, { hint: "`gonka-ha status` shows who signs" })
}
