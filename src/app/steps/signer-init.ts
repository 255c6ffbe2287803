import { AppError, EXIT } from "../../core/errors.ts"
import { chainTip, healthOf } from "../../core/observe/health.ts"
import { parseSignerState } from "../../core/observe/signer-state.ts"
import { type Observed, type SlashingSeen, valueIn } from "../../core/observe/state.ts"
import { firstState } from "../../core/plan/first-state.ts"
import type { StepOf } from "../../core/plan/step.ts"
import { type Validator, validatorOf } from "../../core/topology.ts"
import { collect } from "../collect.ts"
import type { Deployment } from "../deployment.ts"
import type { Run } from "../execute.ts"
import { signerRecord, spentHeight, writeSignerRecord } from "../signer-records.ts"
import { waitFor } from "../wait.ts"

/**
 * Writes the state that a signer begins with on a host where none has run. The order makes an interrupted set-up safe to repeat:
 * the aim comes last, and nothing starts without it.
 */
export async function initSigner({ args }: StepOf<"signer.init">, { deployment, control }: Run): Promise<string> {
  const { topology, clock } = deployment
  const validator = validatorOf(topology, args.validator)
  const observed = await collect(deployment)
  const present = whatStands(observed, validator)
  const record = await signerRecord(deployment, validator)
  if (record !== undefined && present.sealed === undefined) {
    throw new AppError(
      "REFUSED",
      EXIT.refused,
      `the signer of ${validator.name} was set up before (${record}), and its host ${validator.signerHost} has lost it`,
      {
        hint: "another copy may still be signing: `gonka-ha signer replace` proves that it is gone before a new one is made",
      },
    )
  }
  const decided = await decide(deployment, observed, validator, present.sealed)
  // What an interrupted set-up left was never signed with; it is only ever raised.
  const height = Math.max(decided.height, present.sealed ?? 0, present.floor ?? 0)
  await control(validator.name).sealState(height)
  await control(validator.name).write("floor", String(height))
  if (record === undefined) {
    const at = new Date(clock.wallMs()).toISOString()
    const { deployment: name } = topology
    await writeSignerRecord(deployment, validator, {
      deployment: name,
      host: validator.signerHost,
      at,
      floor: height,
      because: decided.because,
    })
  }
  await control(validator.name).write("aim", args.node)
  return `height ${height}: ${decided.because}`
}

/** What an interrupted set-up has left: at most a sealed state and its floor. Anything else was left by a signer that ran. */
function whatStands(observed: Observed, validator: Validator): { readonly sealed: number | undefined; readonly floor: number | undefined } {
  const host = observed.hosts.get(validator.signerHost)
  if (host?.kind !== "seen")
    throw new AppError("HOST_UNREACHABLE", EXIT.unreachable, `${validator.signerHost} cannot be asked: ${host?.reason ?? "not observed"}`)
  const files = host.value.signers.get(validator.name)
  const state = files?.state
  const refuse = (message: string) =>
    new AppError("REFUSED", EXIT.refused, `${validator.signerHost}: ${message}`, {
      hint: "find out what happened to the signer's directory; never set it up again over its remains",
    })
  if (state?.kind === "damaged") throw refuse(`a damaged signer state stands there: ${state.reason}`)
  if (state?.kind === "ok" && !state.sealed)
    throw refuse(`a signer state at height ${state.state.height} stands there that a signer has used, but it is aimed at no node`)
  if (state?.kind !== "ok" && (files?.floor ?? 0) > 0)
    throw refuse(`the floor ${files?.floor} is recorded there, but the signer's state is missing`)
  return { sealed: state?.kind === "ok" ? state.state.height : undefined, floor: files?.floor }
}

/** A node that is busy answers late at times; one question without an answer is no reason to give up. */
const ANSWER_STALL_MS = 60_000

/** What the chain knows of this key, from a look at which a node was fresh that can tell. @throws AppError WAIT_STALLED */
async function askChain(deployment: Deployment, validator: Validator, first: Observed): Promise<{ slashing: SlashingSeen; tip: number }> {
  const { topology } = deployment
  let observed: Observed | undefined = first
  return waitFor(deployment, {
    what: `a fresh node that can say whether the key of ${validator.name} has ever signed`,
    stallMs: ANSWER_STALL_MS,
    pollMs: 1000,
    interruptible: true,
    hint: "run up again when a node is fresh",
    look: async () => {
      const now: Observed = observed ?? (await collect(deployment))
      observed = undefined
      const tip = chainTip(now)
      const witness = topology.nodes.find(
        (node) => healthOf(now, node.name, topology.policy).verdict === "fresh" && valueIn(now.nodes.get(node.name))?.catchingUp === false,
      )
      const slashing = now.slashing.get(validator.name)
      if (tip && witness && slashing?.kind === "seen") return { done: true, value: { slashing: slashing.value, tip: tip.height } }
      const why = slashing?.kind === "unknown" ? slashing.reason : "no node is fresh"
      return { done: false, progress: why, now: why }
    },
  })
}

async function decide(deployment: Deployment, observed: Observed, validator: Validator, sealed: number | undefined) {
  const { topology } = deployment
  const { slashing, tip } = await askChain(deployment, validator, observed)
  const decided = firstState({
    slashing,
    tip,
    blindBlocks: Math.ceil(topology.policy.freshnessMs / topology.chain.blockMs),
    // A state that an operator has sealed after a loss speaks for what the lost one knew.
    imported: (await importedState(deployment, validator.name)) ?? (sealed ? { height: sealed, round: 0, step: 0 } : undefined),
    spent: await spentHeight(deployment, validator),
  })
  if (decided.kind === "refused")
    throw new AppError("REFUSED", EXIT.refused, `no signer is set up for ${validator.name}: ${decided.reason}`)
  return decided
}

async function importedState({ keys }: Deployment, validator: string) {
  const text = await keys.importedState(validator)
  const state = text === undefined ? undefined : parseSignerState(text)
  if (state && state.kind !== "ok") {
    throw new AppError("KEY_INVALID", EXIT.refused, `the imported state of ${validator} is not a signer state`, {
      hint: "import it again with `gonka-ha keys import --state FILE`",
    })
  }
  return state?.state
}
