import { type Observed, valueIn } from "../core/observe/state.ts"
import { nodeOf, type Validator } from "../core/topology.ts"
import type { Deployment } from "./deployment.ts"
import { keptLocked } from "./held-lock.ts"

/**
 * A move changes files and containers of the nodes between which it goes, too, and takes no lock of their hosts: they may be lost. What is
 * kept locked there is respected all the same.
 * @throws AppError LOCK_HELD (exit 8)
 */
export function refuseKept(
  { topology }: Deployment,
  observed: Observed,
  validator: Validator,
  nodes: readonly (string | undefined)[],
): void {
  const hosts = [validator.signerHost, ...nodes.filter((node) => node !== undefined).map((node) => nodeOf(topology, node).host)]
  for (const host of hosts) {
    const kept = valueIn(observed.hosts.get(host))?.lock.kept
    if (kept !== undefined) throw keptLocked(host, kept)
  }
}
