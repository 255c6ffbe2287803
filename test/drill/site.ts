import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Report } from "../../dev/setup/report.ts"
import type { Chain } from "../lab/chain/chain.ts"
import { makeCometKey } from "../lab/chain/comet-keys.ts"
import { Lab } from "../lab/lab.ts"
import { Witness } from "../lab/witness/witness.ts"
import { Operator } from "./operator.ts"

/** Hosts of the preset ha-2, in its order. */
export const HA2_HOSTS = ["sen-1", "sen-2", "val-1", "val-2", "sig-1"] as const

/** A lab with a running outside chain, an operator in front of it, and a witness; nothing of ours is on the hosts yet. */
export type Site = {
  readonly lab: Lab
  readonly chain: Chain
  readonly operator: Operator
  readonly witness: Witness
  /** The operator's existing consensus key, which is in the chain's genesis. */
  readonly keyFile: string
  down(): Promise<void>
}

export async function openSite(options: { readonly label: string; readonly blockMs: number; readonly report: Report }): Promise<Site> {
  const lab = await Lab.create({ hosts: [...HA2_HOSTS], label: options.label }, { report: options.report })
  try {
    const operator = await Operator.sitDown()
    const key = makeCometKey()
    const keyFile = join(lab.dir, "consensus.key")
    await writeFile(keyFile, key.seedBase64, { mode: 0o600 })
    const chain = await lab.startChain({ consensusPubkeyBase64: key.publicKeyBase64, blockMs: options.blockMs })
    const witness = new Witness({ rpc: chain.genesisRpc, publicKeyBase64: key.publicKeyBase64 })
    return {
      lab,
      chain,
      operator,
      witness,
      keyFile,
      async down() {
        await operator.leave()
        await lab.down()
      },
    }
  } catch (error) {
    await lab.down()
    throw error
  }
}

/** The arguments with which `gonka-ha init` describes this lab. */
export function initArguments({ lab, chain, keyFile }: Pick<Site, "lab" | "chain" | "keyFile">, blockMs: number): string[] {
  const settings = [
    `ssh.config=${lab.sshConfig}`,
    `chain.id=${chain.id}`,
    `chain.blockTime=${blockMs}ms`,
    `chain.genesis.rpc=[${chain.genesisRpc.slice(0, 2).join(", ")}]`,
    `chain.peers=[${chain.peers.join(", ")}]`,
    `images.node=${lab.images.node}`,
    `images.tmkms=${lab.images.tmkms}`,
    ...HA2_HOSTS.flatMap((host) => [`hosts.${host}.ssh=${host}`, `hosts.${host}.private=${lab.host(host).address}`]),
  ]
  return [
    "init",
    "--preset",
    "ha-2",
    "--name",
    "demo",
    "--import-consensus-key",
    keyFile,
    ...settings.flatMap((setting) => ["--set", setting]),
  ]
}
