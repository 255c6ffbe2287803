import { AppError, EXIT } from "../../core/errors.ts"
import { type SignerState, stateText as shown } from "../../core/observe/signer-state.ts"
import type { Deployment } from "../deployment.ts"
import { lockSigner } from "../lock.ts"
import { chosenValidator } from "./chosen-validator.ts"
import { holdStill } from "./hold-still.ts"
import { recorded } from "./recorded.ts"
import { stateText } from "./state-text.ts"

export type ExportedState = {
  readonly validator: string
  readonly state: SignerState
  /** The file's bytes, as tmkms writes and reads them. */
  readonly text: string
  readonly file: string | undefined
}

/**
 * `gonka-ha signer state export`: the state of a signer that is down, final as long as it stays down.
 * @param file a new file on this machine; undefined to have only the text
 */
export async function exportState(deployment: Deployment, wanted: string | undefined, file: string | undefined): Promise<ExportedState> {
  const validator = chosenValidator(deployment.topology, wanted)
  if (file !== undefined && (await deployment.local.exists(file)))
    throw new AppError("FILE_EXISTS", EXIT.refused, `${file} exists already`, { hint: "name a new file; an older state is worth keeping" })
  const lock = await lockSigner(deployment, validator, "signer state export")
  try {
    await holdStill(deployment, validator, "export")
    const { path, text, state } = await stateText(deployment, validator)
    if (text === undefined || state.kind !== "ok") {
      const reason = state.kind === "damaged" ? `damaged: ${state.reason}` : "missing"
      throw new AppError("REFUSED", EXIT.refused, `there is no state to export: ${path} on ${validator.signerHost} is ${reason}`, {
        hint: "`gonka-ha signer state seal` is the way on",
      })
    }
    const detail = `${shown(state.state)} to ${file ?? "standard output"}`
    return await recorded(
      deployment,
      validator,
      { verb: "export", detail, epoch: lock.control.epoch },
      async () => {
        lock.stillOurs()
        if (file !== undefined) await deployment.local.create(file, text, 0o600)
        return { validator: validator.name, state: state.state, text, file }
      },
      () => detail,
    )
  } finally {
    await lock.release()
  }
}
