import { AppError, EXIT } from "../core/errors.ts"
import { namedNode } from "../core/named.ts"
import type { StreamOptions } from "../core/ports.ts"
import { printable } from "../core/printable.ts"
import { type ChainNode, containerName, serviceName, type Topology } from "../core/topology.ts"
import { audit } from "./audit.ts"
import type { Deployment } from "./deployment.ts"

/** A command in the container of a node. */
export type ExecRequest = { readonly node: string; readonly argv: readonly string[] }

/**
 * Runs a command in a node's container and hands on what it prints.
 * @returns its exit code; undefined when it was cut short
 * @throws AppError USAGE, REFUSED (exit 6) for a signer and for a container that does not run
 */
export async function execIn(
  deployment: Deployment,
  { node: name, argv }: ExecRequest,
  { out, err }: Pick<StreamOptions, "out" | "err">,
): Promise<number | undefined> {
  const { node, container } = await enterable(deployment, name)
  const host = deployment.fleet.host(node.host)
  const code = await host.stream(["docker", "exec", container, ...argv], { out, err, signal: deployment.signal })
  await tell(deployment, node, argv, code)
  return code
}

/** The same on the operator's own terminal, with its keys: for a shell. @returns its exit code @throws as `execIn` */
export async function enter(deployment: Deployment, { node: name, argv }: ExecRequest): Promise<number> {
  const { node, container } = await enterable(deployment, name)
  const code = await deployment.fleet.host(node.host).attach(["docker", "exec", "-it", container, ...argv], true)
  await tell(deployment, node, argv, code)
  return code
}

async function enterable({ topology, fleet }: Deployment, name: string): Promise<{ readonly node: ChainNode; readonly container: string }> {
  refuseSigners(topology, name)
  const node = namedNode(topology, name)
  const container = containerName(topology, serviceName.node(name))
  const status = (await fleet.host(node.host).inspect(container))?.status
  if (status !== "running")
    throw new AppError(
      "REFUSED",
      EXIT.refused,
      `${container} on ${node.host} ${status === undefined ? "does not exist" : `is ${status}`}`,
      {
        hint: `\`gonka-ha logs ${name}\` shows its last lines, \`gonka-ha up\` starts it`,
      },
    )
  return { node, container }
}

/** Whoever is inside of a signer's container has its key and its state. */
function refuseSigners({ nodes, validators }: Topology, name: string): void {
  if (nodes.some((node) => node.name === name)) return
  const isSigner = validators.some((validator) => name === validator.name || name === serviceName.signer(validator.name))
  const isParking = nodes.some((node) => node.candidateOf.length > 0 && name === serviceName.parking(node.name))
  if (!isSigner && !isParking) return
  throw new AppError("REFUSED", EXIT.refused, `${name} is a signer: nothing is run in its container, where its key and its state are`, {
    hint: "`gonka-ha signer status` tells what can be known of it, `gonka-ha logs --signer NAME` shows its log",
  })
}

/** Only the program's name: arguments may hold what nobody else should read. */
async function tell(deployment: Deployment, node: ChainNode, [program = ""]: readonly string[], code: number | undefined): Promise<void> {
  await audit(deployment, [node.host], `exec in ${node.name}: ${printable(program)}, ${code === undefined ? "cut short" : `exit ${code}`}`)
}
