import { AppError, EXIT } from "../core/errors.ts"
import type { ChainData } from "../core/observe/chain-data.ts"
import { parseChainData } from "../core/observe/chain-data.ts"
import { layout } from "../core/render/layout.ts"
import type { ChainNode } from "../core/topology.ts"
import type { Deployment } from "./deployment.ts"

/** Large stores have tens of thousands of files. */
const MEASURE_TIMEOUT_MS = 120_000

/** Sizes, room and program of a node's home. Argument: the home. Changes nothing. */
export const MEASURE = `set -eu
cd "$1"
kib() { du -sk "$@" 2>/dev/null | awk '{ sum += $1 } END { print sum + 0 }'; }
place=ordinary
if [ -L data ]; then place=link
elif [ -e data ] && [ "$(stat -c %d data)" != "$(stat -c %d .)" ]; then place=mount
fi
program=image
for binary in cosmovisor/current/bin/*; do
  if [ -f "$binary" ]; then program=$(sha256sum < "$binary" | cut -c 1-64); fi
done
printf 'place\\t%s\\n' "$place"
printf 'program\\t%s\\n' "$program"
printf 'data\\t%s\\n' "$(kib data wasm)"
printf 'aside\\t%s\\n' "$(kib set-aside)"
printf 'incoming\\t%s\\n' "$(kib incoming)"
df -P -k . | awk 'NR == 2 { for (i = NF; i > 3; i--) if ($i ~ /^[0-9]+%$/) { printf "disk\\t%s\\t%s\\n", $(i - 3), $(i - 1); exit } }'
printf 'end\\n'`

/** @throws AppError REMOTE_COMMAND when the node's home cannot be read */
export async function measureData({ topology, fleet }: Pick<Deployment, "topology" | "fleet">, node: ChainNode): Promise<ChainData> {
  const home = `${topology.dir}/${layout.node.home(node.name)}`
  const result = await fleet.host(node.host).run(["sh", "-c", MEASURE, "measure", home], { timeoutMs: MEASURE_TIMEOUT_MS })
  const data = result.code === 0 ? parseChainData(result.stdout) : undefined
  if (data) return data
  throw new AppError(
    "REMOTE_COMMAND",
    EXIT.refused,
    `the chain data of ${node.name} on ${node.host} cannot be measured: ${result.stderr.trim()}`,
  )
}
