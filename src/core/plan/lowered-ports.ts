import type { Issue } from "../issue.ts"
import { type Observed, valueIn } from "../observe/state.ts"
import type { Topology } from "../topology.ts"

/**
 * Nodes whose signing port the file puts below the one that is installed. A signer that was replaced knows the lower ones, and only closed
 * ports keep it from the chain; a file from before the replacement, on another machine, would open them again. So ports only ever go up.
 */
export function loweredPorts(topology: Topology, observed: Observed): Issue[] {
  return topology.nodes.flatMap(({ name, host, ports, candidateOf }) => {
    const installed = valueIn(observed.hosts.get(host))?.privvalPorts.get(name)
    if (candidateOf.length === 0 || installed === undefined || ports.privval >= installed) return []
    return [
      {
        severity: "error" as const,
        path: name,
        message: `its signing port on ${host} is ${installed}, and the file would open ${ports.privval}, at which a signer that was replaced may still dial`,
        fix: `use the file in which signer.replaces names the lost hosts; if no signer was ever replaced, set ports.privval of ${name} to ${installed} or more`,
      },
    ]
  })
}
