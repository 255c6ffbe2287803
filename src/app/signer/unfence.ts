import { AppError, EXIT } from "../../core/errors.ts"
import type { Deployment } from "../deployment.ts"
import { lockSigner } from "../lock.ts"
import { chosenValidator } from "./chosen-validator.ts"
import { holdStill, lookAtDownSigner } from "./hold-still.ts"
import { recorded } from "./recorded.ts"

export type Unfenced = { readonly validator: string; readonly host: string; readonly text: string }

/** `gonka-ha signer unfence`: takes both fences away and starts nothing. */
export async function unfenceSigner(
  deployment: Deployment,
  wanted: string | undefined,
  confirm: (what: Unfenced) => Promise<void>,
): Promise<Unfenced> {
  const validator = chosenValidator(deployment.topology, wanted)
  const fence = (await lookAtDownSigner(deployment, validator, "unfence")).files?.fence
  if (fence === undefined)
    throw new AppError("REFUSED", EXIT.refused, `the signer of ${validator.name} is not fenced: there is nothing to take away`, {
      hint: "`gonka-ha signer status` shows what keeps it",
    })
  await confirm({ validator: validator.name, host: validator.signerHost, text: fence })
  const lock = await lockSigner(deployment, validator, "signer unfence")
  try {
    const { files } = await holdStill(deployment, validator, "unfence")
    const text = files?.fence ?? ""
    if (text !== fence)
      throw new AppError("REFUSED", EXIT.refused, `the fence was changed meanwhile: ${text === "" ? "it is gone" : text}`, {
        hint: "run the command again if it is still wanted",
      })
    return await recorded(
      deployment,
      validator,
      { verb: "unfence", detail: `was fenced: ${text}`, epoch: lock.control.epoch },
      async () => {
        lock.stillOurs()
        await lock.control.unfence()
        return { validator: validator.name, host: validator.signerHost, text }
      },
      () => `the fence is gone: ${text}`,
    )
  } finally {
    await lock.release()
  }
}
