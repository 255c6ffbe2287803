import { printable } from "../core/printable.ts"
import { layout } from "../core/render/layout.ts"
import type { Deployment } from "./deployment.ts"

/** A reason may carry the output of a program; what is longer than this tells nobody more. */
const LONGEST = 1000

/**
 * Only ever appends, one line in one write; readable for its owner alone. From where is what the host itself sees, whatever the operator's
 * machine says of itself. Arguments: file, line.
 */
const APPEND = `umask 077
from=\${SSH_CLIENT%% *}
printf "%s [from %s]\\n" "$2" "\${from:-this host}" >> "$1" && chmod 600 "$1"`

/**
 * One line on each host that was changed: when, who, what, with which result, from where. It must not fail the work that it tells of.
 * @param what may hold texts of hosts and of programs
 */
export async function audit(
  { fleet, topology, clock, operator, report }: Pick<Deployment, "fleet" | "topology" | "clock" | "operator" | "report">,
  hosts: Iterable<string>,
  what: string,
): Promise<void> {
  const line = printable(`${new Date(clock.wallMs()).toISOString()} ${operator} ${what}`).slice(0, LONGEST)
  await Promise.all(
    [...new Set(hosts)].map(async (host) => {
      const path = `${topology.dir}/${layout.audit}`
      const written = await fleet
        .host(host)
        .run(["sh", "-c", APPEND, "audit", path, line])
        .catch(() => undefined)
      if (written?.code !== 0) report({ kind: "note", text: `no audit line could be written on ${host}` })
    }),
  )
}
