import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Report } from "../../dev/setup/report.ts"
import type { Chain } from "../lab/chain/chain.ts"
import { makeCometKey } from "../lab/chain/comet-keys.ts"
import { Lab } from "../lab/lab.ts"
import { Witness } from "../lab/witness/witness.ts"
import { LAYOUTS, type Layout, type LayoutName } from "./layouts.ts"
import { Operator } from "./operator.ts"

/** Hosts of the preset ha-2, in its order. */
export const HA2_HOSTS = LAYOUTS["ha-2"].hosts

/** A lab with a running outside chain, an operator in front of it, and a witness; nothing of ours is on the hosts yet. */
export type Site = {
  readonly lab: Lab
  readonly layout: Layout
  readonly chain: Chain
  readonly operator: Operator
  readonly witness: Witness
  /** The operator's existing consensus key, which is in the chain's genesis; with a `pubkey` of its own the site has no such file. */
  readonly keyFile: string
  down(): Promise<void>
}

export type SiteRequest = {
  readonly label: string
  readonly blockMs: number
  readonly report: Report
  readonly jailSeconds?: number
  readonly windowBlocks?: number
  /** Five hosts as the preset ha-2 has them, where nothing is said. */
  readonly layout?: LayoutName
  /** Hosts beyond those of the layout; they are no part of the deployment until the file names them. */
  readonly spareHosts?: readonly string[]
  /** Where the consensus key comes from that goes into genesis, when it is not simply one that the operator has. */
  readonly pubkey?: (lab: Lab, operator: Operator) => Promise<string>
}

export async function openSite(request: SiteRequest): Promise<Site> {
  const layout: Layout = LAYOUTS[request.layout ?? "ha-2"]
  const lab = await Lab.create(
    { hosts: [...layout.hosts, ...(request.spareHosts ?? [])], label: request.label, images: "later" },
    { report: request.report },
  )
  try {
    const operator = await Operator.sitDown(lab.dir)
    const keyFile = join(lab.dir, "consensus.key")
    const publicKeyBase64 = await (request.pubkey?.(lab, operator) ?? ownKey(keyFile))
    // Our validator misses every block until it is up, and half of a window is all that it may miss: the chain waits for the images.
    await lab.loadImages(layout.balancerHosts)
    const chain = await lab.startChain({
      consensusPubkeyBase64: publicKeyBase64,
      blockMs: request.blockMs,
      ...(request.jailSeconds === undefined ? {} : { jailSeconds: request.jailSeconds }),
      ...(request.windowBlocks === undefined ? {} : { windowBlocks: request.windowBlocks }),
    })
    const witness = new Witness({ rpc: chain.genesisRpc, publicKeyBase64 })
    return {
      lab,
      layout,
      chain,
      operator,
      witness,
      keyFile,
      async down() {
        try {
          await operator.leave()
        } finally {
          await lab.down()
        }
      },
    }
  } catch (error) {
    await lab.down()
    throw error
  }
}

async function ownKey(file: string): Promise<string> {
  const key = makeCometKey()
  await writeFile(file, key.seedBase64, { mode: 0o600 })
  return key.publicKeyBase64
}

/** The arguments with which `gonka-ha init` describes this lab. */
export function initArguments({ lab, layout, chain, keyFile }: Omit<Site, "operator" | "witness" | "down">, blockMs: number): string[] {
  return [
    ...bareInit(layout),
    ...["--import-consensus-key", keyFile],
    ...settings([
      `chain.id=${chain.id}`,
      `chain.blockTime=${blockMs}ms`,
      `chain.genesis.rpc=[${chain.genesisRpc.slice(0, 2).join(", ")}]`,
      `chain.peers=[${chain.peers.join(", ")}]`,
      ...placeSettings(lab, layout),
    ]),
  ]
}

/** The arguments of an `init` that makes the consensus key, before there is a chain; what it says about the chain is made up. */
export function initWithNewKeyArguments(lab: Lab): string[] {
  const madeUp = [
    "chain.id=not-known-yet",
    "chain.genesis.rpc=[http://198.51.100.1:26657, http://198.51.100.2:26657]",
    `chain.peers=[${"a".repeat(40)}@198.51.100.1:26656]`,
  ]
  return [...bareInit(LAYOUTS["ha-2"]), ...settings([...madeUp, ...placeSettings(lab, LAYOUTS["ha-2"])])]
}

function bareInit({ preset }: Layout): string[] {
  return ["init", "--preset", preset, "--profile", "devnet", "--name", "demo"]
}

function placeSettings(lab: Lab, { hosts, settings: more, balancerHosts = [], isLocal }: Layout): string[] {
  return [
    ...(isLocal ? [] : [`ssh.config=${lab.sshConfig}`]),
    `images.node=${lab.images.node}`,
    `images.tmkms=${lab.images.tmkms}`,
    ...(balancerHosts.length === 0 ? [] : [`images.haproxy=${lab.images.haproxy}`]),
    ...hosts.flatMap((host) => [...(isLocal ? [] : [`hosts.${host}.ssh=${host}`]), `hosts.${host}.private=${lab.host(host).address}`]),
    ...more,
  ]
}

function settings(list: readonly string[]): string[] {
  return list.flatMap((setting) => ["--set", setting])
}

/** From the empty directory to a validator that signs, by the operator's commands alone. */
export async function bringUp(site: Site, blockMs: number): Promise<void> {
  const { operator } = site
  await operator.must(initArguments(site, blockMs))
  await operator.must(["validate"])
  await operator.must(["render"])
  await operator.must(["up", "--yes"])
}
