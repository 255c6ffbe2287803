import { AppError, EXIT } from "../../core/errors.ts"
import type { Observed, SignerFiles } from "../../core/observe/state.ts"
import { valueIn } from "../../core/observe/state.ts"
import { whoSigns } from "../../core/observe/who-signs.ts"
import type { Validator } from "../../core/topology.ts"
import { collect } from "../collect.ts"
import type { Deployment } from "../deployment.ts"
import { killSigner } from "./kill.ts"

/** A signer that is down, and what stands on its host. */
export type DownSigner = { readonly observed: Observed; readonly files: SignerFiles | undefined; readonly wasNew: boolean }

/** A look at a signer that must be down. @throws AppError REFUSED where it runs, or where that is not known */
export async function lookAtDownSigner(deployment: Deployment, validator: Validator, what: string): Promise<DownSigner> {
  const observed = await collect(deployment)
  const who = whoSigns(deployment.topology, observed, validator)
  const refuse = (reason: string, hint: string) =>
    new AppError("REFUSED", EXIT.refused, `${what} is refused, nothing was changed: ${reason}`, { hint })
  switch (who.kind) {
    case "active":
      throw refuse(
        `the signer of ${validator.name} runs, aimed at ${who.node}`,
        "its state is only handled while it is down; `gonka-ha signer fence --reason TEXT` stops it and keeps it down",
      )
    case "conflict":
      throw refuse(who.reasons.join("; "), "stop and remove all but one signer before anything else")
    case "unknown":
      throw refuse(`whether the signer of ${validator.name} runs is not known: ${who.reason}`, "make sure of that first")
    case "stopped":
    case "new":
      return {
        observed,
        files: valueIn(observed.hosts.get(validator.signerHost))?.signers.get(validator.name),
        wasNew: who.kind === "new",
      }
  }
}

/**
 * Also keeps it down: a container whose guard refuses is started again and again, and would come up by itself as soon as its guard is content,
 * at a node that may not be ready for it. To be called under the lock.
 */
export async function holdStill(deployment: Deployment, validator: Validator, what: string): Promise<DownSigner> {
  await lookAtDownSigner(deployment, validator, what)
  await killSigner(deployment, validator)
  // What was read before the kill could have been overtaken.
  return lookAtDownSigner(deployment, validator, what)
}
