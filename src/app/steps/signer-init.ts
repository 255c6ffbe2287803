import { AppError, EXIT } from "../../core/errors.ts"
import { chainTip, healthOf } from "../../core/observe/health.ts"
import { parseSignerState, sealedState } from "../../core/observe/signer-state.ts"
import { firstState } from "../../core/plan/first-state.ts"
import type { StepOf } from "../../core/plan/step.ts"
import { validatorOf } from "../../core/topology.ts"
import { collect } from "../collect.ts"
import type { Deployment } from "../deployment.ts"
import type { Run } from "../execute.ts"

/** Writes the state that a signer begins with on a host where nothing of it stands yet, and remembers here that this was done. */
export async function initSigner({ args }: StepOf<"signer.init">, { deployment, control }: Run): Promise<string> {
  const { topology, local, clock } = deployment
  const validator = validatorOf(topology, args.validator)
  const record = `${deployment.stateDir}/signers/${validator.name}.json`
  if (await local.exists(record)) {
    throw new AppError(
      "REFUSED",
      EXIT.refused,
      `the signer of ${validator.name} was set up before (${record}), and its host ${validator.signerHost} has lost it`,
      {
        hint: "another copy may still be signing: prove that the old signer is gone before a new one is made",
      },
    )
  }
  const observed = await collect(deployment)
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
  await local.create(
    record,
    `${JSON.stringify({ host: validator.signerHost, at: new Date(clock.wallMs()).toISOString(), floor: decided.height, because: decided.because })}\n`,
    0o600,
  )
  await control(validator.name).createState(sealedState(decided.height))
  await control(validator.name).write("floor", String(decided.height))
  await control(validator.name).write("aim", args.node)
  return `height ${decided.height}: ${decided.because}`
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
