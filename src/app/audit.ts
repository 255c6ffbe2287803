import { layout } from "../core/render/layout.ts"
import type { Deployment } from "./deployment.ts"

/** One line on each host that was changed: when, who, what, with which result. It must not fail the work that it tells of. */
export async function audit(
  { fleet, topology, clock, operator, report }: Deployment,
  hosts: readonly string[],
  what: string,
): Promise<void> {
  const line = `${new Date(clock.wallMs()).toISOString()} ${operator} ${what}`
  await Promise.all(
    hosts.map(async (host) => {
      try {
        await fleet.host(host).run(["sh", "-c", 'printf "%s\\n" "$2" >> "$1"', "audit", `${topology.dir}/${layout.audit}`, line])
      } catch {
        report({ kind: "note", text: `no audit line could be written on ${host}` })
      }
    }),
  )
}
