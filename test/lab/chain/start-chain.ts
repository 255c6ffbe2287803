import type { Report } from "../../../dev/setup/report.ts"
import { docker } from "../docker.ts"
import type { LabIdentity } from "../lab-identity.ts"
import { labelArgs } from "../lab-identity.ts"
import type { LabNetwork } from "../lab-network.ts"
import { waitUntil } from "../wait-until.ts"
import { holdCeremony } from "./ceremony.ts"
import type { Chain } from "./chain.ts"
import type { ChainRequest } from "./chain-request.ts"
import { makeCometKey } from "./comet-keys.ts"
import { latestHeight } from "./latest-height.ts"
import { makeAccount } from "./load/account.ts"
import { Load } from "./load/load.ts"
import type { OutsideValidator } from "./outside-validator.ts"
import { peerAddress } from "./outside-validator.ts"
import { unjail } from "./unjail.ts"

const OUTSIDE_VALIDATORS = 4
const FIRST_ADDRESS_NUMBER = 101
const LOAD_ACCOUNTS = 4
const FIRST_HEIGHTS = 2
const STUCK_AFTER_MS = 60_000

export type ChainPlace = {
  readonly identity: LabIdentity
  readonly network: LabNetwork
  readonly image: string
  readonly report: Report
}

/** Starts the outside world and returns once each of its validators has seen the chain move. */
export async function startChain(place: ChainPlace, request: ChainRequest): Promise<Chain> {
  const { identity, network, image } = place
  const chainId = `gonka-${identity.id}`
  const volume = `gonka-ha-lab-${identity.id}-chain`
  const outside = Array.from(
    { length: OUTSIDE_VALIDATORS + (request.moreConsensusPubkeysBase64?.length ?? 0) },
    (_, index): OutsideValidator => ({
      name: `outside-${index + 1}`,
      address: `${network.prefix}.${FIRST_ADDRESS_NUMBER + index}`,
      nodeKey: makeCometKey(),
      validatorKey: makeCometKey(),
    }),
  )
  const accounts = Array.from({ length: LOAD_ACCOUNTS }, makeAccount)
  await holdCeremony({ ...request, identity, image, volume, chainId, outside, accounts: accounts.map(({ address }) => address) })
  await Promise.all(
    outside.map(({ name, address }) =>
      docker([
        ...["run", "--detach", "--name", `${identity.id}-${name}`, "--hostname", name, ...labelArgs(identity)],
        ...["--network", network.name, "--ip", address, "--volume", `${volume}:/chain`],
        ...[image, "simd", "start", "--home", `/chain/${name}`],
      ]),
    ),
  )
  const genesisRpc = outside.map(({ address }) => `http://${address}:26657`)
  await waitForHeights(genesisRpc)
  return {
    id: chainId,
    genesisRpc,
    peers: outside.map(peerAddress),
    load: new Load(chainId, genesisRpc, accounts),
    height: () => Promise.any(genesisRpc.map(latestHeight)),
    unjail: () => unjail(`${identity.id}-${outside[0]?.name}`, chainId),
  }
}

async function waitForHeights(urls: readonly string[]): Promise<void> {
  let heights: readonly number[] = []
  const look = async () => {
    heights = await Promise.all(urls.map((url) => latestHeight(url).catch(() => 0)))
    return heights.every((height) => height >= FIRST_HEIGHTS) ? true : undefined
  }
  await waitUntil(`the outside chain reaches height ${FIRST_HEIGHTS}`, look, {
    stuckAfterMs: STUCK_AFTER_MS,
    progress: () => heights.join(" "),
  })
}
