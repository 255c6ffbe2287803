import { readFileSync } from "node:fs"
import type { Chain } from "../chain/chain.ts"
import type { CometKey } from "../chain/comet-keys.ts"
import { makeCometKey } from "../chain/comet-keys.ts"
import type { Lab } from "../lab.ts"
import type { DoubleSign } from "../witness/double-signs.ts"
import { Witness } from "../witness/witness.ts"

const NODE_SCRIPT = readFileSync(new URL("./twin-node.sh", import.meta.url), "utf8")
const SIGNER_SCRIPT = readFileSync(new URL("./twin-signer.sh", import.meta.url), "utf8")
const FIRST_NODE_NUMBER = 151
const FIRST_SIGNER_NUMBER = 161
/** Evidence came after 2 to 25 blocks in all measured runs (signing.md 9.6); this is several times that. */
const LIMIT_BLOCKS = 150

export type PositiveControl = {
  readonly firstSigned: number
  readonly doubleSign: DoubleSign
  readonly tombstoned: boolean
}

/**
 * Makes a real double sign, by hand and without any product code: two nodes, two signers, one key. Shows that the
 * witness reports what a faulty product would cause. The lab needs no hosts, and its validator is lost afterwards.
 */
export async function runPositiveControl(lab: Lab): Promise<PositiveControl> {
  const key = makeCometKey()
  const chain = await lab.startChain({ consensusPubkeyBase64: key.publicKeyBase64, blockMs: 1000 })
  const witness = new Witness({ rpc: chain.genesisRpc, publicKeyBase64: key.publicKeyBase64 })
  const from = (await witness.judgedTip()) + 1
  await Promise.all(["a", "b"].map((twin, index) => startTwin(lab, chain, key, { twin, index })))
  const firstSigned = await witness.waitForSigned(from, 1)
  const doubleSign = await witness.waitForDoubleSign(from, LIMIT_BLOCKS)
  // The block that reports it is executed with the next one; only then is the validator expelled.
  await witness.waitForJudged(doubleSign.reportedAt + 1)
  return { firstSigned, doubleSign, tombstoned: await witness.isTombstoned() }
}

async function startTwin(
  lab: Lab,
  chain: Chain,
  key: CometKey,
  { twin, index }: { readonly twin: string; readonly index: number },
): Promise<void> {
  const node = await lab.runContainer({
    name: `twin-${twin}`,
    addressNumber: FIRST_NODE_NUMBER + index,
    env: { CHAIN_ID: chain.id, RPC: chain.genesisRpc[index] ?? "", PEERS: chain.peers.join(",") },
    // Without a signer within 3 s the node ends; the engine starts it again until the signer has dialled in.
    restart: "always",
    command: ["sh", "-c", NODE_SCRIPT],
  })
  await lab.runContainer({
    name: `twin-signer-${twin}`,
    addressNumber: FIRST_SIGNER_NUMBER + index,
    env: { CHAIN_ID: chain.id, NODE: `${node.address}:26658` },
    restart: "no",
    command: ["sh", "-c", SIGNER_SCRIPT],
    files: { "/consensus.key": key.seedBase64 },
  })
}
