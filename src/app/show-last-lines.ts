import { AppError, EXIT } from "../core/errors.ts"
import type { UpUnit } from "../core/plan/up-units.ts"
import { printable } from "../core/printable.ts"
import { containerName, serviceName } from "../core/topology.ts"
import type { Deployment } from "./deployment.ts"

const LINES = 8
const WIDTH = 200

/** The end of the log of what has just failed: the cause is there more often than anywhere else. Must not hide the failure itself. */
export async function showLastLines({ topology, fleet, report }: Deployment, unit: UpUnit, error: unknown): Promise<void> {
  if (unit.kind === "install" || (error instanceof AppError && (error.exit === EXIT.interrupted || error.exit === EXIT.lockHeld))) return
  const service = serviceName[unit.kind](unit.id)
  const container = containerName(topology, service)
  try {
    const host = fleet.host(unit.host)
    if ((await host.inspect(container)) === undefined) return
    const lines = await host.logs(container, { tail: LINES })
    if (lines.length === 0) return
    report({ kind: "note", text: `the last lines of ${container} on ${unit.host}:` })
    for (const line of lines.slice(-LINES)) report({ kind: "note", text: `  ${printable(line).slice(0, WIDTH)}` })
  } catch {
    // The host is away, or its engine: the failure says so already.
  }
}
