import { readFileSync } from "node:fs"
import { docker } from "../docker.ts"
import type { LabIdentity } from "../lab-identity.ts"
import { labelArgs } from "../lab-identity.ts"
import type { ChainRequest } from "./chain-request.ts"
import type { OutsideValidator } from "./outside-validator.ts"
import { peerAddress } from "./outside-validator.ts"

const GONKA_JAIL_SECONDS = 600
const GONKA_WINDOW_BLOCKS = 100
const SCRIPT = readFileSync(new URL("./ceremony.sh", import.meta.url), "utf8")

export type CeremonyRequest = ChainRequest & {
  readonly identity: LabIdentity
  readonly image: string
  readonly volume: string
  readonly chainId: string
  readonly outside: readonly OutsideValidator[]
  /** Accounts that only hold money, for the load. */
  readonly accounts: readonly string[]
}

/** Genesis and the outside validators' homes, made in a container on the chain's volume. All validators have equal power. */
export async function holdCeremony(request: CeremonyRequest): Promise<void> {
  const { outside } = request
  await docker(["volume", "create", ...labelArgs(request.identity), request.volume])
  const input = {
    chainId: request.chainId,
    blockMs: request.blockMs,
    jailSeconds: request.jailSeconds ?? GONKA_JAIL_SECONDS,
    windowBlocks: request.windowBlocks ?? GONKA_WINDOW_BLOCKS,
    accounts: request.accounts,
    validators: [
      ...outside.map(({ name, address, validatorKey }) => ({ name, address, publicKey: validatorKey.publicKeyBase64 })),
      ...[request.consensusPubkeyBase64, ...(request.moreConsensusPubkeysBase64 ?? [])].map((publicKey, index) => ({
        name: `ours-${index + 1}`,
        address: "127.0.0.1",
        publicKey,
      })),
    ],
    outside: outside.map((one) => ({
      name: one.name,
      nodeKey: one.nodeKey.nodeKeyJson,
      validatorKey: one.validatorKey.validatorKeyJson,
      peers: outside
        .filter((other) => other !== one)
        .map(peerAddress)
        .join(","),
    })),
  }
  const args = ["run", "--rm", "--interactive", ...labelArgs(request.identity), "--network", "none", "--volume", `${request.volume}:/chain`]
  await docker([...args, request.image, "sh", "-c", SCRIPT], JSON.stringify(input))
}
