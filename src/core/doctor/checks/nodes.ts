import { durationText } from "../../duration.ts"
import { chainTip, everythingIsStale, healthOf } from "../../observe/health.ts"
import { valueIn } from "../../observe/state.ts"
import { bad, type Check, judged, listed, none, ofDeployment, ofNodes, ofProbedNodes, ok, unclear, warn } from "../check.ts"

const fresh: Check = {
  id: "node.fresh",
  title: "Every node follows the chain.",
  why: "A node that is behind cannot take over, and who reads from it gets old answers.",
  scope: "node",
  threshold: (topology) => `newest block at most ${durationText(topology.policy.freshnessMs)} old, ${topology.policy.maxLagBlocks} behind`,
  fix: "look at its log and its peers; when all are stale at once, the chain or the uplink stands still",
  judge: ({ topology, observed }) =>
    topology.nodes.map(({ name }) => {
      const { verdict, reasons } = healthOf(observed, name, topology.policy)
      const seen = valueIn(observed.nodes.get(name))
      const said = listed(reasons)
      if (verdict === "fresh")
        return { subject: name, ...ok(`height ${seen?.height ?? "?"}, ${durationText(Math.max(0, seen?.ageMs ?? 0))} old`) }
      // No single node is to blame, and that is said once.
      if (verdict === "stale" && everythingIsStale(observed, topology.policy)) return { subject: name, ...unclear(`${said}, as all are`) }
      return { subject: name, ...(verdict === "unknown" ? unclear(said) : verdict === "lagging" ? warn(said) : bad(said)) }
    }),
}

const chainMoves: Check = {
  id: "node.chain-moves",
  title: "The chain makes blocks.",
  why: "When it stands still for all of our nodes at once, either the network or our uplink is down, and no move helps.",
  scope: "deployment",
  threshold: (topology) => `a block within ${durationText(topology.policy.freshnessMs)}`,
  fix: "compare with an explorer: if the chain goes on elsewhere, the uplink or the sentries' peers are lost",
  judge: ofDeployment(({ topology, observed }) => {
    const tip = chainTip(observed)
    if (!tip) return bad("no node answers")
    return everythingIsStale(observed, topology.policy)
      ? bad(`the newest block is ${durationText(tip.ageMs)} old on every node`)
      : ok(`height ${tip.height}`)
  }),
}

const catchingUp: Check = {
  id: "node.catching-up",
  title: "No node is still catching up.",
  why: "A node that loads old blocks does not take part in the consensus yet.",
  scope: "node",
  threshold: "catching_up is false",
  fix: "wait, and watch its height with `gonka-ha status`",
  judge: ofNodes(({ catchingUp: behind, height }) => (behind ? warn(`catches up, at height ${height}`) : ok("no"))),
}

const network: Check = {
  id: "node.chain",
  title: "Every node is on the right chain.",
  why: "A node with the data of another chain answers, and nothing that it says is about ours.",
  scope: "node",
  threshold: (topology) => topology.chain.id,
  fix: "give it an empty home, and look what it was started with",
  judge: ofNodes((seen, _, { topology }) => (seen.network === topology.chain.id ? ok(seen.network) : bad(`is on ${seen.network}`))),
}

const versions: Check = {
  id: "node.versions",
  title: "Every node runs the same version.",
  why: "Different programs may compute different states, and the validator would sign what its own node computed.",
  scope: "deployment",
  threshold: "one version",
  fix: "`gonka-ha up` brings every node to the rendered image; after a chain upgrade look for nodes that missed it",
  judge: ofDeployment(({ topology, observed }) => {
    const byVersion = new Map<string, string[]>()
    for (const { name } of topology.nodes) {
      const version = valueIn(observed.nodes.get(name))?.version
      if (version !== undefined) byVersion.set(version, [...(byVersion.get(version) ?? []), name])
    }
    if (byVersion.size === 0) return unclear("no node answers")
    const [most, ...others] = [...byVersion].sort(([, a], [, b]) => b.length - a.length)
    return others.length === 0
      ? ok(most?.[0] ?? "")
      : warn(`${listed(others.map(([version, names]) => `${listed(names)} run ${version}`))}; the others ${most?.[0] ?? ""}`)
  }),
}

const WANTED_SENTRIES = 2

const sentries: Check = {
  id: "node.sentries",
  title: "Private nodes are connected to the sentries.",
  why: "The sentries are their only way to the network: with one connection, one loss cuts the validator off.",
  scope: "node",
  threshold: `${WANTED_SENTRIES} sentries, or all there are`,
  fix: "look whether the sentries run and whether the ports between them are open (`network.open`)",
  judge: ofNodes(
    ({ peerIds }, _, { topology }) => {
      const all = topology.nodes.filter(({ role }) => role === "sentry")
      if (all.length === 0) return undefined
      const found = all.filter(({ id }) => peerIds.includes(id))
      const measured = `${found.length} of ${all.length} sentries`
      if (found.length === 0) return bad(measured)
      return found.length < Math.min(WANTED_SENTRIES, all.length) ? warn(measured) : ok(measured)
    },
    ({ role }) => role === "private",
  ),
}

const WANTED_STRANGERS = 2

const outside: Check = {
  id: "node.outside-peers",
  title: "Sentries have peers in the network.",
  why: "Blocks and votes come and go through them.",
  scope: "node",
  threshold: `${WANTED_STRANGERS} peers that are not ours; none is bad`,
  fix: "look at `chain.peers` and `chain.seeds`, and whether the public port is open (`network.public-open`)",
  judge: ofNodes(
    ({ peerIds }, _, { topology }) => {
      const own = new Set(topology.nodes.map(({ id }) => id))
      const found = peerIds.filter((id) => !own.has(id)).length
      const measured = `${found} peers of the network`
      if (found === 0) return bad(measured)
      return found < WANTED_STRANGERS ? warn(measured) : ok(measured)
    },
    ({ role }) => role === "sentry",
  ),
}

const snapshots: Check = {
  id: "node.snapshots",
  title: "Nodes that make snapshots have recent ones.",
  why: "A new or a lost node begins at a snapshot: without one, state sync waits for ever.",
  scope: "node",
  threshold: "one within two intervals of the tip",
  fix: "look in the node's log for why it makes none; the disk may be full",
  judge: ofProbedNodes(
    (probe, { name, snapshots: wanted }, { observed }) => {
      const tip = chainTip(observed)
      if (!tip || !wanted) return wanted ? unclear("no node answers") : undefined
      const newest = Math.max(0, ...(probe.snapshots.get(name) ?? []))
      const behind = tip.height - newest
      const measured = newest === 0 ? "it has none" : `the newest is at ${newest}, ${behind} blocks back`
      return behind > 2 * wanted.intervalBlocks ? warn(measured) : ok(measured)
    },
    ({ snapshots: wanted }) => wanted !== undefined,
  ),
}

const DAY_MS = 24 * 3_600_000

const upgradeNear: Check = {
  id: "node.upgrade-near",
  title: "No upgrade of the chain is near.",
  why: "At its height every node stops and starts with another program; who is not ready then misses blocks until the jail.",
  scope: "deployment",
  threshold: "none within a day",
  fix: "be there; have the program in place, and move nothing in the last 200 blocks",
  judge: ofDeployment(({ topology, observed, upgrade }) =>
    judged(upgrade, (plan) => {
      const tip = chainTip(observed)
      if (!plan) return ok("none is scheduled")
      if (!tip) return unclear("no node answers")
      const left = plan.height - tip.height
      if (left < 0) return ok(`${plan.name} was at ${plan.height}`)
      const measured = `${plan.name} at ${plan.height}, in ${left} blocks or about ${durationText(left * topology.chain.blockMs)}`
      return left * topology.chain.blockMs < DAY_MS ? warn(measured) : ok(measured)
    }),
  ),
}

const upgradeProgram: Check = {
  id: "node.upgrade-program",
  title: "The program of the next upgrade is in place.",
  why: "cosmovisor looks for it at the height of the upgrade, and a node without it stops there.",
  scope: "node",
  threshold: "nodes/NAME/home/cosmovisor/upgrades/UPGRADE/bin, or an image that brings it",
  fix: "place the program there, with its mode 755",
  judge: ofProbedNodes((probe, { name }, { observed, upgrade }) =>
    judged(upgrade, (plan) => {
      const tip = chainTip(observed)
      if (!plan || (tip && plan.height < tip.height)) return undefined
      const has = (probe.upgrades.get(name) ?? []).some((known) => known.toLowerCase() === encodeURIComponent(plan.name).toLowerCase())
      return has ? ok(`it has ${plan.name}`) : warn(`it has no ${plan.name}`)
    }),
  ),
}

const plainPeers: Check = {
  id: "node.peers",
  title: "Nodes of one deployment know one another.",
  why: "Every node is in every other's list from the first day: one that is missing is cut off, or runs with an older list.",
  scope: "deployment",
  threshold: "no two of our nodes that both answer and are strangers to each other",
  fix: "look at the ports between the two (`network.open`), and at `file.installed`",
  judge: ofDeployment(({ topology, observed }) => {
    const answering = topology.nodes.flatMap((node) => {
      const seen = valueIn(observed.nodes.get(node.name))
      // A sentry that is short of private peers is told with them, and a private one with its sentries.
      return seen && node.role === "private" ? [{ node, seen }] : []
    })
    const apart = answering.flatMap(({ node, seen }, index) =>
      answering
        .slice(index + 1)
        .filter((other) => !seen.peerIds.includes(other.node.id) && !other.seen.peerIds.includes(node.id))
        .map((other) => `${node.name} and ${other.node.name}`),
    )
    const wanted = topology.nodes.filter(({ role }) => role === "private").length
    if (answering.length === 0 && wanted > 0) return unclear("no private node answers")
    return none(apart, warn, `${answering.length} of ${wanted} private nodes`)
  }),
}

export const NODE_CHECKS: readonly Check[] = [
  fresh,
  chainMoves,
  catchingUp,
  network,
  versions,
  sentries,
  outside,
  plainPeers,
  snapshots,
  upgradeNear,
  upgradeProgram,
]
