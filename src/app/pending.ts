import { type Observed, type PendingOperation, valueIn } from "../core/observe/state.ts"
import type { Validator } from "../core/topology.ts"

/** The operation that was begun for a validator and not finished, as recorded on its signer's host. */
export function pendingOf(observed: Observed, validator: Validator): PendingOperation | undefined {
  return valueIn(observed.hosts.get(validator.signerHost))?.signers.get(validator.name)?.operation
}
