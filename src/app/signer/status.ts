import { type SignerView, signerView } from "../../core/observe/signer-view.ts"
import { layout } from "../../core/render/layout.ts"
import { collect } from "../collect.ts"
import type { Deployment } from "../deployment.ts"
import { askGuard } from "../preflight-facts.ts"
import { chosenValidator } from "./chosen-validator.ts"

/** `gonka-ha signer status`: everything that is known of the signers, or of one. Never changes anything. */
export async function signerStatus(deployment: Deployment, wanted: string | undefined): Promise<readonly SignerView[]> {
  const { topology, secrets } = deployment
  const validators = wanted === undefined ? topology.validators : [chosenValidator(topology, wanted)]
  const observed = await collect(deployment)
  return Promise.all(
    validators.map(async (validator) => {
      const path = `${layout.secrets.signer(validator.name)}/consensus.key`
      return signerView(topology, observed, validator, {
        keySha256: secrets.find((secret) => secret.host === validator.signerHost && secret.path === path)?.sha256,
        guard: await askGuard(deployment, observed, validator),
      })
    }),
  )
}
