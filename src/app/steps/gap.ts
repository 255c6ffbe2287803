import { AppError, EXIT } from "../../core/errors.ts"
import { parseSignerState, type SignerState } from "../../core/observe/signer-state.ts"
import { layout } from "../../core/render/layout.ts"
import type { Topology, Validator } from "../../core/topology.ts"
import type { Deployment } from "../deployment.ts"

/** The signer's state as it stands on its host right now. */
export async function readState({ topology, fleet }: Pick<Deployment, "topology" | "fleet">, validator: Validator): Promise<SignerState> {
  const path = `${topology.dir}/${layout.signer.stateFile(validator.name)}`
  const result = await fleet.host(validator.signerHost).run(["cat", path], { timeoutMs: 10_000 })
  if (result.code !== 0) {
    throw new AppError("REFUSED", EXIT.refused, `the signer's state on ${validator.signerHost} cannot be read: ${result.stderr.trim()}`, {
      hint: "never start the signer without it",
    })
  }
  const state = parseSignerState(result.stdout)
  if (state.kind === "ok") return state.state
  throw new AppError(
    "REFUSED",
    EXIT.refused,
    `the signer's state on ${validator.signerHost} is ${state.kind === "damaged" ? `damaged: ${state.reason}` : "missing"}`,
  )
}

/** Often enough to catch the pause between two blocks, which is about as long as the block time. */
export function gapPollMs(topology: Topology): number {
  return Math.min(150, Math.max(25, topology.chain.blockMs / 20))
}

/** A signing validator's state moves with every block; ten blocks without a move means that it does not sign. */
export function gapStallMs(topology: Topology): number {
  return Math.max(30_000, 10 * topology.chain.blockMs)
}
