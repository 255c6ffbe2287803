import { reasonOf } from "../core/errors.ts"
import { type AuditLine, auditLinesIn, mergeAudit } from "../core/history/audit-line.ts"
import { namedHosts } from "../core/named.ts"
import { type Reading, seen, unknown, valueIn } from "../core/observe/state.ts"
import { layout } from "../core/render/layout.ts"
import type { Deployment } from "./deployment.ts"

/** Of each host, from the end of its log: more than a thousand lines. */
const MOST_BYTES = 256 * 1024
const TIMEOUT_MS = 20_000

/** A log in a directory that may not be entered must not look like one that is not there. Arguments: file, bytes. */
const READ = `set -u
place=$1
while [ -n "$place" ] && [ ! -e "$place" ]; do place=\${place%/*}; done
if [ -d "$place" ] && [ ! -x "$place" ]; then echo "$place may not be entered" >&2; exit 1; fi
if [ -e "$1" ]; then
  size=$(wc -c < "$1") || exit 1
  echo "$size"
  tail -c "$2" "$1" || exit 1
else
  echo 0
fi
printf '\\nend\\n'`

/** What was done to the hosts, as they have written it down themselves. */
export type AuditHistory = {
  /** The oldest first. */
  readonly lines: readonly AuditLine[]
  /** Hosts whose log could not be read, and why. */
  readonly unread: readonly { readonly host: string; readonly reason: string }[]
  /** Hosts whose log goes back further than what was read of it. */
  readonly cut: readonly string[]
}

type Log = { readonly lines: readonly AuditLine[]; readonly isCut: boolean }

/** `gonka-ha history --audit`. @param wanted names of hosts; all of them when it is empty @throws AppError USAGE when there is no such host */
export async function auditHistory(deployment: Pick<Deployment, "fleet" | "topology">, wanted: readonly string[]): Promise<AuditHistory> {
  const hosts = namedHosts(deployment.topology, wanted)
  const logs = await Promise.all(hosts.map(async (host) => ({ host, log: await auditLog(deployment, host) })))
  return {
    lines: mergeAudit(
      logs.map(({ log }) => valueIn(log)?.lines ?? []),
      Date.parse,
    ),
    unread: logs.flatMap(({ host, log }) => (log.kind === "unknown" ? { host, reason: log.reason } : [])),
    cut: logs.flatMap(({ host, log }) => (valueIn(log)?.isCut ? host : [])),
  }
}

async function auditLog({ fleet, topology }: Pick<Deployment, "fleet" | "topology">, host: string): Promise<Reading<Log>> {
  try {
    const argv = ["sh", "-c", READ, "read-audit", `${topology.dir}/${layout.audit}`, String(MOST_BYTES)]
    const result = await fleet.host(host).run(argv, { timeoutMs: TIMEOUT_MS })
    const [size = "", ...lines] = result.stdout.split("\n")
    if (result.code !== 0 || lines.pop() !== "" || lines.pop() !== "end") return unknown(result.stderr.trim() || "the answer was cut off")
    const isCut = Number(size) > MOST_BYTES
    // Of the first line only the end was read.
    return seen({ lines: auditLinesIn(host, (isCut ? lines.slice(1) : lines).join("\n"), Date.parse), isCut })
  } catch (error) {
    return unknown(reasonOf(error))
  }
}
