import { AppError, EXIT } from "../../core/errors.ts"
import { parseSignerState } from "../../core/observe/signer-state.ts"
import type { StateFile } from "../../core/observe/state.ts"
import { layout } from "../../core/render/layout.ts"
import type { Validator } from "../../core/topology.ts"
import type { Deployment } from "../deployment.ts"

/** 7 is what tells "there is none" from every other reason why a file cannot be read. */
const READ = `[ -e "$1" ] || exit 7
exec cat "$1"`
const MISSING = 7

export type StateText = { readonly path: string; readonly text: string | undefined; readonly state: StateFile }

/** The signer's state file as it stands on its host, to the byte. */
export async function stateText({ topology, fleet }: Pick<Deployment, "topology" | "fleet">, validator: Validator): Promise<StateText> {
  const path = `${topology.dir}/${layout.signer.stateFile(validator.name)}`
  const result = await fleet.host(validator.signerHost).run(["sh", "-c", READ, "read-state", path], { timeoutMs: 10_000 })
  if (result.code === 0) return { path, text: result.stdout, state: parseSignerState(result.stdout) }
  if (result.code === MISSING) return { path, text: undefined, state: { kind: "missing" } }
  throw new AppError("REMOTE_COMMAND", EXIT.unreachable, `${path} on ${validator.signerHost} cannot be read: ${result.stderr.trim()}`)
}
