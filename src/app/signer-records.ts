import type { Validator } from "../core/topology.ts"
import type { Deployment } from "./deployment.ts"

/*
 * This machine remembers every signer that it has set up. A record goes by the key and the chain, because names change: a validator or a
 * deployment that is called something else is still the same key.
 */

type Place = Pick<Deployment, "local" | "stateDir" | "recordsDir" | "topology">

/** The record of this key on this chain, whatever its validator was called; undefined when this machine has set up no signer for it. */
export async function signerRecord(place: Place, validator: Validator): Promise<string | undefined> {
  for (const path of [recordPath(place, validator), byName(place, validator)]) if (await place.local.exists(path)) return path
  return undefined
}

export async function writeSignerRecord(place: Place, validator: Validator, entry: Readonly<Record<string, unknown>>): Promise<void> {
  await place.local.create(recordPath(place, validator), `${JSON.stringify({ validator: validator.name, ...entry })}\n`, 0o600)
}

function recordPath({ recordsDir, topology }: Place, { address }: Validator): string {
  return `${recordsDir}/${topology.chain.id}-${address}.json`
}

/** Where earlier versions put it. */
function byName({ stateDir }: Place, { name }: Validator): string {
  return `${stateDir}/signers/${name}.json`
}
