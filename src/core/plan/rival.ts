import { type Observed, valueIn } from "../observe/state.ts"
import { whoSigns } from "../observe/who-signs.ts"
import type { Topology, Validator } from "../topology.ts"

/** The other validator whose signer a node's port belongs to, or is about to; undefined when it is nobody's. One port holds one signer. */
export function rivalAt(topology: Topology, observed: Observed, validator: Validator, node: string): Validator | undefined {
  return topology.validators.find((other) => other.name !== validator.name && seatsOf(topology, observed, other).includes(node))
}

/** Nodes at which a validator's signer runs, would run, or is about to: one that is stopped for a moment comes back to its place. */
function seatsOf(topology: Topology, observed: Observed, validator: Validator): readonly string[] {
  const who = whoSigns(topology, observed, validator)
  const pending = valueIn(observed.hosts.get(validator.signerHost))?.signers.get(validator.name)?.operation
  const node = who.kind === "active" ? who.node : who.kind === "stopped" ? who.aim : undefined
  return [node, pending?.to].filter((seat) => seat !== undefined)
}
