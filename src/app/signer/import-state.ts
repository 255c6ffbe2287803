import { AppError, EXIT } from "../../core/errors.ts"
import { stateText } from "../../core/observe/signer-state.ts"
import { type ImportedState, importState as readState } from "../../core/state-import.ts"
import type { Validator } from "../../core/topology.ts"
import type { NodeRpc } from "../chain.ts"
import type { Deployment } from "../deployment.ts"
import { lockSigner } from "../lock.ts"
import { spentHeight } from "../signer-records.ts"
import { agreedTip } from "./agreed-tip.ts"
import { chosenValidator } from "./chosen-validator.ts"
import { type DownSigner, holdStill } from "./hold-still.ts"
import { recorded } from "./recorded.ts"

/** Blocks that are read one by one for signatures of the key; a state that is older than this is better sealed above the tip. */
const MOST_BLOCKS = 500
const AT_ONCE = 20

export type PutState = { readonly validator: string; readonly host: string; readonly height: number; readonly because: string }

type Ready = Extract<ImportedState, { kind: "ok" }>

/**
 * `gonka-ha signer state import`: the state of another signer of this key, a node's own or a tmkms', one height above what it has signed.
 * It only ever raises what stands there; what the chain shows to be signed must lie below it.
 */
export async function importState(
  deployment: Deployment,
  request: { readonly validator: string | undefined; readonly file: string },
  confirm: (what: { readonly validator: string; readonly host: string; readonly height: number }) => Promise<void>,
): Promise<PutState> {
  const validator = chosenValidator(deployment.topology, request.validator)
  const state = readState(await deployment.local.readText(request.file))
  if (state.kind === "damaged") {
    throw new AppError("REFUSED", EXIT.refused, `${request.file} is no signer's state: ${state.reason}`, {
      hint: "nothing was changed; if there is no better one, `gonka-ha signer state seal` needs none",
    })
  }
  await confirm({ validator: validator.name, host: validator.signerHost, height: state.sealedAt })
  const lock = await lockSigner(deployment, validator, "signer state import")
  try {
    const down = await holdStill(deployment, validator, "import")
    refuseLower(down, state, await spentHeight(deployment, validator))
    await refuseSigned(deployment, validator, down, state)
    const because = `imported from ${request.file}, which ends at ${state.lastSigned}`
    return await recorded(
      deployment,
      validator,
      { verb: "import", detail: `${because}; before: ${standing(down)}`, epoch: lock.control.epoch },
      async () => {
        lock.stillOurs()
        await lock.control.replaceState(state.sealedAt, "refuse")
        return { validator: validator.name, host: validator.signerHost, height: state.sealedAt, because }
      },
      ({ height }) => `height ${height}: ${because}`,
    )
  } finally {
    await lock.release()
  }
}

/** What stood there before, for the record. */
export function standing({ files }: Pick<DownSigner, "files">): string {
  const state = files?.state
  const text = state?.kind === "ok" ? `state ${stateText(state.state)}` : state?.kind === "damaged" ? "a damaged state" : "no state"
  return `${text}, ${files?.floor === undefined ? "no floor" : `floor ${files.floor}`}`
}

function refuseLower({ files, wasNew }: DownSigner, { sealedAt, lastSigned }: Ready, spent: number | undefined): void {
  const refuse = (reason: string, hint: string) =>
    new AppError("REFUSED", EXIT.refused, `import is refused, nothing was changed: ${reason}`, { hint })
  const seal = "`gonka-ha signer state seal` goes above the tip instead"
  if (wasNew)
    throw refuse("no signer was set up here yet", "`gonka-ha keys import --state FILE` is for a signer that is still to be set up")
  if (files?.state.kind === "damaged") throw refuse(`how high the state there was cannot be read: ${files.state.reason}`, seal)
  if (files?.floor === undefined) throw refuse("no floor is recorded there, so an older state could not be told from a current one", seal)
  if (files.state.kind === "ok" && sealedAt <= files.state.state.height) {
    throw refuse(
      `the state to import ends at ${lastSigned}, and the one there is at ${stateText(files.state.state)}: a state is only ever raised`,
      "keep the one that is there",
    )
  }
  if (sealedAt < files.floor)
    throw refuse(`the state to import ends at ${lastSigned}, below the floor ${files.floor}: it is an older copy`, seal)
  if (spent !== undefined && sealedAt <= spent)
    throw refuse(`the state to import ends at ${lastSigned}, and a restored backup says that the key was used up to ${spent}`, seal)
}

/** Whatever of this key stands on the chain must be covered by the state. */
async function refuseSigned(deployment: Deployment, validator: Validator, { observed }: DownSigner, state: Ready): Promise<void> {
  const tip = await agreedTip(deployment, observed)
  if (tip.height - state.sealedAt >= MOST_BLOCKS) {
    throw new AppError(
      "REFUSED",
      EXIT.refused,
      `import is refused, nothing was changed: the state to import ends at ${state.lastSigned}, and the chain is at ${tip.height}: too far to see whether the key has signed since`,
      { hint: "`gonka-ha signer state seal` goes above the tip instead" },
    )
  }
  const [witness] = tip.witnesses
  for (let from = state.sealedAt; from < tip.height; from += AT_ONCE) {
    const heights = Array.from({ length: Math.min(AT_ONCE, tip.height - from) }, (_, index) => from + index)
    const signed = await signedOf(witness, validator, heights)
    if (signed.length > 0) {
      throw new AppError(
        "REFUSED",
        EXIT.refused,
        `import is refused, nothing was changed: block ${Math.max(...signed)} carries this key's signature, and the state to import ends at ${state.lastSigned}`,
        { hint: "it is an older copy, or another signer is alive: find that out first" },
      )
    }
  }
}

async function signedOf(witness: NodeRpc, validator: Validator, heights: readonly number[]): Promise<readonly number[]> {
  const votes = await Promise.all(heights.map(async (height) => ({ height, vote: (await witness.vote(height, validator.address)).vote })))
  return votes.filter(({ vote }) => vote !== "absent").map(({ height }) => height)
}
