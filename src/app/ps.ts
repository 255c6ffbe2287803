import type { ContainersView } from "../core/observe/container-report.ts"
import { containersView } from "../core/observe/container-view.ts"
import { readHost } from "./collect.ts"
import type { Deployment } from "./deployment.ts"

/** Every container on every host, all hosts at once. Asks no node, and changes nothing. */
export async function containersOf(deployment: Deployment): Promise<ContainersView> {
  const { topology, files } = deployment
  const readings = await Promise.all(topology.hosts.map(async (host) => [host.name, await readHost(deployment, host)] as const))
  return containersView(topology, files, new Map(readings))
}
