import { z } from "zod"
import { docker } from "../lab/docker.ts"
import type { LabIdentity } from "../lab/lab-identity.ts"
import { labelArgs } from "../lab/lab-identity.ts"

/** Its one validator is nobody's, so the chain never gets a block and everything that follows it can be looked at in peace. */
const CEREMONY = `set -eu
for chain; do
  home=/tmp/$chain
  {
    simd init foreign --chain-id "$chain" --home "$home"
    simd keys add foreign --keyring-backend test --home "$home"
    simd genesis add-genesis-account foreign 1000000000000stake --keyring-backend test --home "$home"
    simd genesis gentx foreign 100000000stake --chain-id "$chain" --keyring-backend test --home "$home"
    simd genesis collect-gentxs --home "$home"
  } >/tmp/log 2>&1 || { cat /tmp/log >&2; exit 1; }
  jq -c . "$home/config/genesis.json"
done
`

const chainIdOf = z.object({ chain_id: z.string() })

/** A genesis file for each chain id. */
export async function throwAwayGenesis(
  identity: LabIdentity,
  image: string,
  chainIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const args = ["run", "--rm", "--network", "none", ...labelArgs(identity), "--entrypoint", "sh", image, "-c", CEREMONY, "sh", ...chainIds]
  const lines = (await docker(args)).split("\n")
  return new Map(lines.map((line) => [chainIdOf.parse(JSON.parse(line)).chain_id, line]))
}
