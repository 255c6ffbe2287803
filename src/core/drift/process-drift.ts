import * as z from "zod"
import type { Observed, Reading } from "../observe/state.ts"
import { valueIn } from "../observe/state.ts"
import { whoSigns } from "../observe/who-signs.ts"
import type { ChainNode, Topology } from "../topology.ts"
import type { Compared, Drift, SettingDrift, Unseen } from "./drift.ts"
import { drift, settingsOf, tomlDrift } from "./setting-drift.ts"

/** What a node tells of its own configuration, in `/status`. */
export const nodeInfoAnswer = z.object({
  node_info: z.object({
    id: z.string(),
    network: z.string(),
    moniker: z.string(),
    listen_addr: z.string(),
    other: z.object({ tx_index: z.string(), rpc_address: z.string() }),
  }),
})

export type NodeInfo = z.output<typeof nodeInfoAnswer>["node_info"]

/** The two files of a node by their names. */
export type NodeTexts = Readonly<Record<NodeFile, Reading<string>>>
export const NODE_FILES = ["config.toml", "app.toml"] as const
export type NodeFile = (typeof NODE_FILES)[number]

/** What is known of one node's process. */
export type ProcessSeen = {
  /** As they are installed. */
  readonly installed: NodeTexts
  /** Whether that is what is rendered: a restart would take anything else. */
  readonly isAsRendered: boolean
  /** As the last start took them into the node's home. */
  readonly taken: NodeTexts
  readonly told: Reading<NodeInfo>
}

/** The start itself writes these: the trusted block of a state sync, and whether a plain standby has a signing port. */
const WRITTEN_AT_START = new Set(["statesync.enable", "statesync.rpc_servers", "statesync.trust_height", "statesync.trust_hash"])
const PRIVVAL = "priv_validator_laddr"

/** Installed files against the process: what its start has taken, what it tells over RPC, and with whom it is connected. */
export function processDrift(topology: Topology, observed: Observed, node: ChainNode, seen: ProcessSeen): Compared {
  const fix = seen.isAsRendered ? fixOf(topology, observed, node) : RENDERED_FIRST
  const about = { host: node.host, form: "process" as const, what: node.name }
  const unseen: Unseen[] = []
  const missing = (what: string, reason: string) => unseen.push({ host: node.host, what: `${node.name}: ${what}`, reason })
  const drifts: Drift[] = []
  for (const file of NODE_FILES) {
    const [installed, taken] = [seen.installed[file], seen.taken[file]]
    if (installed.kind === "unknown" || taken.kind === "unknown") {
      const why = installed.kind === "unknown" ? installed.reason : taken.kind === "unknown" ? taken.reason : ""
      missing(file, why)
      continue
    }
    const settings = takenDrift(node, observed, file, installed.value, taken.value)
    if (settings === undefined) missing(file, "it is not TOML")
    else if (settings.length > 0) drifts.push({ ...about, reason: `it was started on another ${file} than is installed`, settings, fix })
  }
  if (seen.told.kind === "unknown") missing("RPC", seen.told.reason)
  const config = seen.installed["config.toml"]
  if (seen.told.kind === "seen" && config.kind === "seen") {
    const settings = toldDrift(topology, node, config.value, seen.told.value)
    if (settings.length > 0) drifts.push({ ...about, reason: "it tells other settings over RPC than are installed", settings, fix })
  }
  const lost = config.kind === "seen" ? lostPeers(topology, observed, node, config.value) : []
  if (lost.length > 0)
    drifts.push({
      ...about,
      reason: `its file names peers with which it is not connected, although they answer: ${lost.join(", ")}`,
      settings: [],
      fix: "`gonka-ha doctor network` shows what is in the way; right after a start it takes a moment",
    })
  return { drifts, unseen }
}

function takenDrift(
  node: ChainNode,
  observed: Observed,
  file: NodeFile,
  installed: string,
  taken: string,
): readonly SettingDrift[] | undefined {
  const startedPlain = valueIn(observed.hosts.get(node.host))?.started.get(node.name) === "plain"
  return tomlDrift(installed, taken)?.filter(
    ({ key, found }) =>
      file !== "config.toml" || (!WRITTEN_AT_START.has(key) && !(key === PRIVVAL && startedPlain && (found ?? "") === "")),
  )
}

/** CometBFT puts these of its settings into what it tells of itself (`makeNodeInfo`). */
function toldDrift({ chain }: Topology, node: ChainNode, installed: string, told: NodeInfo): readonly SettingDrift[] {
  const config = settingsOf(installed)
  if (config === undefined) return []
  const external = config.get("p2p.external_address") ?? ""
  const pairs: readonly (readonly [string, string | undefined, string])[] = [
    ["moniker", config.get("moniker"), told.moniker],
    ["chain id", chain.id, told.network],
    ["node id", node.id, told.id],
    ["rpc.laddr", config.get("rpc.laddr"), told.other.rpc_address],
    external === "" ? ["p2p.laddr", config.get("p2p.laddr"), told.listen_addr] : ["p2p.external_address", external, told.listen_addr],
    ["tx_index.indexer", config.get("tx_index.indexer") === "null" ? "off" : "on", told.other.tx_index],
  ]
  return pairs.flatMap(([key, meant, found]) => (meant === found ? [] : [drift(key, meant, found)]))
}

/** Nodes of ours that answer, that its file names as persistent peers, and with which it has no connection. */
function lostPeers(topology: Topology, observed: Observed, node: ChainNode, installed: string): readonly string[] {
  const connected = valueIn(observed.nodes.get(node.name))?.peerIds
  if (connected === undefined) return []
  const named = (settingsOf(installed)?.get("p2p.persistent_peers") ?? "").split(",").map((peer) => peer.split("@")[0]?.trim())
  return topology.nodes
    .filter(({ id, name }) => named.includes(id) && observed.nodes.get(name)?.kind === "seen" && !connected.includes(id))
    .map(({ name }) => name)
}

const RENDERED_FIRST =
  "not a restart, which would take what is installed: `gonka-ha up` first installs what is rendered; then compare again"

function fixOf(topology: Topology, observed: Observed, node: ChainNode): string {
  const isActive = topology.validators.some((validator) => {
    const who = whoSigns(topology, observed, validator)
    return who.kind === "active" && who.node === node.name
  })
  const restart = `\`gonka-ha restart ${node.name}\` has it take what is installed`
  return isActive ? `promote another node first, since a restart would miss blocks; then ${restart}` : restart
}
