import { type Observed, valueIn } from "../observe/state.ts"
import { whoSigns } from "../observe/who-signs.ts"
import { nodeOf, type Topology, type Validator } from "../topology.ts"

/** The other validator whose signer a node's port belongs to, or is about to; undefined when it is nobody's. One port holds one signer. */
export function rivalAt(topology: Topology, observed: Observed, validator: Validator, node: string): Validator | undefined {
  return topology.validators.find(
    (other) =>
      other.name !== validator.name &&
      (seatsOf(topology, observed, other).includes(node) || mayBeSeated(topology, observed, validator, other, node)),
  )
}

/** Where the other one signs is not known, and the node's port was given to a signer that is not ours. */
function mayBeSeated(topology: Topology, observed: Observed, validator: Validator, other: Validator, node: string): boolean {
  const { kind } = whoSigns(topology, observed, other)
  if ((kind !== "unknown" && kind !== "conflict") || !other.candidates.includes(node)) return false
  const ours = valueIn(observed.hosts.get(validator.signerHost))?.signers.get(validator.name)
  if ([ours?.aim, ours?.operation?.to, ours?.operation?.from].includes(node)) return false
  return valueIn(observed.hosts.get(nodeOf(topology, node).host))?.owners.get(node) === "validator"
}

/** Nodes at which a validator's signer runs, would run, or is about to: one that is stopped for a moment comes back to its place. */
function seatsOf(topology: Topology, observed: Observed, validator: Validator): readonly string[] {
  const who = whoSigns(topology, observed, validator)
  const pending = valueIn(observed.hosts.get(validator.signerHost))?.signers.get(validator.name)?.operation
  const node = who.kind === "active" ? who.node : who.kind === "stopped" ? who.aim : undefined
  return [node, pending?.to].filter((seat) => seat !== undefined)
}
