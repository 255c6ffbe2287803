import type { Exposure } from "../exposure/exposure.ts"
import type { Host, Topology } from "../topology.ts"
import { dockerUserScript, nftablesRules } from "./firewall.ts"
import { layout } from "./layout.ts"
import { portTable } from "./port-table.ts"
import { runbook } from "./runbook.ts"

/** What people use on a host; no container sees it, so a change of it restarts nothing. */
export function hostDocuments(
  topology: Topology,
  host: Host,
  open: readonly Exposure[],
): readonly { readonly path: string; readonly content: string }[] {
  const ports = portTable(topology, host.name, open)
  return [
    { path: layout.runbook, content: runbook(topology, host.name, open) },
    { path: layout.ports.markdown, content: ports.markdown },
    { path: layout.ports.json, content: ports.json },
    { path: layout.firewall.nftables, content: nftablesRules(topology, host.name, open) },
    { path: layout.firewall.dockerUser, content: dockerUserScript(topology, host.name, open) },
  ]
}
