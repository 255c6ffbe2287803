import { AppError, EXIT } from "../../core/errors.ts"
import { chainTip, healthOf } from "../../core/observe/health.ts"
import { parseSignerState, type SignerState, sealedState } from "../../core/observe/signer-state.ts"
import type { Observed } from "../../core/observe/state.ts"
import { firstState } from "../../core/plan/first-state.ts"
import type { StepOf } from "../../core/plan/step.ts"
import { type Validator, validatorOf } from "../../core/topology.ts"
import { collect } from "../collect.ts"
import type { Deployment } from "../deployment.ts"
import type { Run } from "../execute.ts"

/**
 * Writes the state that a signer begins with on a host where none has run. The order makes an interrupted set-up safe to repeat:
 * the aim comes last, and nothing starts without it.
 */
export async function initSigner({ args }: StepOf<"signer.init">, { deployment, control }: Run): Promise<string> {
  const { topology, local, clock } = deployment
  const validator = validatorOf(topology, args.validator)
  const observed = await collect(deployment)
  const present = knownState(observed, validator)
  const record = `${deployment.stateDir}/signers/${validator.name}.json`
  const isRecorded = await local.exists(record)
  if (isRecorded && !present) {
    throw new AppError(
      "REFUSED",
      EXIT.refused,
      `the signer of ${validator.name} was set up before (${record}), and its host ${validator.signerHost} has lost it`,
      {
        hint: "another copy may still be signing: prove that the old signer is gone before a new one is made",
      },
    )
  }
  const decided = await decide(deployment, observed, validator)
  // What an interrupted set-up left was never signed with; it is only ever raised.
  const height = Math.max(decided.height, present?.height ?? 0)
  if (!present) await control(validator.name).createState(sealedState(height))
  else if (present.height < height) await control(validator.name).raiseState(sealedState(height))
  await control(validator.name).write("floor", String(height))
  if (!isRecorded) {
    const entry = { host: validator.signerHost, at: new Date(clock.wallMs()).toISOString(), floor: height, because: decided.because }
    await local.create(record, `${JSON.stringify(entry)}\n`, 0o600)
  }
  await control(validator.name).write("aim", args.node)
  return `height ${height}: ${decided.because}`
}

function knownState(observed: Observed, validator: Validator): SignerState | undefined {
  const host = observed.hosts.get(validator.signerHost)
  if (host?.kind !== "seen")
    throw new AppError("HOST_UNREACHABLE", EXIT.unreachable, `${validator.signerHost} cannot be asked: ${host?.reason ?? "not observed"}`)
  const state = host.value.signers.get(validator.name)?.state
  if (state?.kind === "damaged") {
    throw new AppError("REFUSED", EXIT.refused, `a damaged signer state stands on ${validator.signerHost}: ${state.reason}`, {
      hint: "find out where it comes from before you move it away",
    })
  }
  return state?.kind === "ok" ? state.state : undefined
}

async function decide(deployment: Deployment, observed: Observed, validator: Validator) {
  const { topology } = deployment
  const tip = chainTip(observed)
  const witness = topology.nodes.find((node) => healthOf(observed, node.name, topology.policy).verdict === "fresh")
  const slashing = observed.slashing.get(validator.name)
  if (!tip || !witness || slashing?.kind !== "seen") {
    const reason = slashing?.kind === "unknown" ? slashing.reason : "no node is fresh"
    throw new AppError("REFUSED", EXIT.halfWay, `whether this key has ever signed cannot be known: ${reason}`, {
      hint: "run up again when a node is fresh",
    })
  }
  const decided = firstState(slashing.value, tip.height, await importedState(deployment, validator.name))
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
