import type { NodeRpc } from "./chain.ts"
import type { Deployment } from "./deployment.ts"
import { findWitnesses } from "./steps/chain-signing.ts"

/** A sentry that answers. @throws Error when none does */
export async function oneWitness(deployment: Pick<Deployment, "topology" | "fleet">): Promise<NodeRpc> {
  const witness = (await findWitnesses(deployment))[0]
  if (!witness) throw new Error("no sentry answers")
  return witness
}
