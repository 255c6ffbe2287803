import { serviceOf } from "../../exposure/exposure.ts"
import { exposureOn } from "../../exposure/exposure-of.ts"
import { valueIn } from "../../observe/state.ts"
import { containerOf } from "../../observe/who-signs.ts"
import { hostOf } from "../../topology.ts"
import { bad, type Check, type Judged, judged, listed, none, ofHosts, ofNodes, ofProbedNodes, ok, unclear, warn } from "../check.ts"
import type { DoctorFacts } from "../facts.ts"
import { compareRules } from "../firewall-rules.ts"
import { type Tried, targetOf, triedOf } from "../trials.ts"

/** Asks every host how its ports are found by the others. */
function ofTargets(belongs: (tried: Tried) => boolean, judge: (tried: readonly Tried[], facts: DoctorFacts) => Judged): Check["judge"] {
  return (facts) => {
    const all = triedOf(facts).filter(belongs)
    return facts.topology.hosts.flatMap(({ name }) => {
      const tried = all.filter(({ to }) => to === name)
      if (tried.length === 0) return []
      // Of a host that does not answer, closed ports are no news.
      if (valueIn(facts.probes.get(name)) === undefined) return [{ subject: name, ...unclear("the host itself does not answer") }]
      const known = tried.filter(({ found }) => found !== "unknown")
      return [{ subject: name, ...(known.length === 0 ? unclear("no other host could try") : judge(known, facts)) }]
    })
  }
}

/** `rpc of node-1 at 10.0.0.21:26657, from val-2, sig-1`: one sentence per port. */
function portLines(tried: readonly Tried[]): readonly string[] {
  const byPort = new Map<string, Tried[]>()
  for (const each of tried) byPort.set(targetOf(each), [...(byPort.get(targetOf(each)) ?? []), each])
  return [...byPort].map(([target, [first, ...rest]]) =>
    first === undefined
      ? target
      : `${first.service} of ${first.owner} at ${target}, from ${listed([first, ...rest].map(({ from }) => from))}`,
  )
}

/** A port of a container that is down is closed for that reason, which is told by itself. */
function isUp({ topology, observed }: DoctorFacts, tried: Tried): boolean {
  const host = valueIn(observed.hosts.get(tried.to))
  return host === undefined || containerOf(topology, host, serviceOf(tried))?.status === "running"
}

const open: Check = {
  id: "network.open",
  title: "Hosts reach the ports that they need.",
  why: "Private nodes meet the network only through the sentries, and a standby takes over only with peers.",
  scope: "host",
  threshold: "open at the private address for the hosts in PORTS.md",
  fix: "look at the firewall of the host, and of the network between the two",
  judge: ofTargets(
    ({ side, wanted }) => side === "private" && wanted === "open",
    (tried, facts) => {
      const closed = tried.filter((each) => each.found === "closed" && isUp(facts, each))
      return closed.length > 0 ? bad(`closed: ${listed(portLines(closed))}`) : ok(`${tried.length} tries, all open`)
    },
  ),
}

const closed: Check = {
  id: "network.closed",
  title: "Ports are closed to hosts that have no business there.",
  why: "A private node that others can talk to can be found, flooded and fed; only its peers and its readers belong there.",
  scope: "host",
  threshold: "closed at the private address for every other host; signing ports are never tried, since a node takes who comes first",
  fix: "apply the rendered firewall rules: firewall/gonka-ha.nft or firewall/docker-user.sh on the host",
  judge: ofTargets(
    ({ side, wanted }) => side === "private" && wanted === "closed",
    (tried) => {
      const found = tried.filter((each) => each.found === "open")
      return found.length > 0 ? bad(`open: ${listed(portLines(found))}`) : ok(`${tried.length} tries, all closed`)
    },
  ),
}

const publicOpen: Check = {
  id: "network.public-open",
  title: "Sentries and entry points are reached at their public address.",
  why: "A sentry that the network cannot call lives on the connections that it makes itself, and a door that users cannot reach is none.",
  scope: "host",
  threshold: "p2p, and the ports of entry points, are open at the public address for at least one other host",
  fix: "open the port at the provider's firewall, and look whether the address is still the host's",
  judge: ofTargets(
    ({ side, wanted }) => side === "public" && wanted === "open",
    (tried, facts) => {
      const up = tried.filter((each) => isUp(facts, each))
      const isSilent = (one: Tried) => up.every((each) => targetOf(each) !== targetOf(one) || each.found === "closed")
      const silent = up.filter(isSilent)
      return silent.length > 0 ? warn(`closed for every host: ${listed(portLines(silent))}`) : ok("open")
    },
  ),
}

const publicClosed: Check = {
  id: "network.public-closed",
  title: "Nothing but p2p and entry points answers at a public address.",
  why: "An open RPC answers `net_info`, which names the id and the address of every private node to anyone who asks.",
  scope: "host",
  threshold: "RPC, REST and gRPC of nodes and apis, and the ports of private nodes, are closed at the public address",
  fix: "take away what publishes it: a patch under `compose:`, a proxy, a rule that forwards the port",
  judge: ofTargets(
    ({ side, wanted }) => side === "public" && wanted === "closed",
    (tried) => {
      const found = tried.filter((each) => each.found === "open")
      return found.length > 0 ? bad(`open: ${listed(portLines(found))}`) : ok(`${tried.length} tries, all closed`)
    },
  ),
}

const published: Check = {
  id: "network.published",
  title: "Containers publish exactly the ports of PORTS.md.",
  why: "A published port goes round ufw and most other firewalls; a signing port that others reach decides what is signed.",
  scope: "host",
  threshold: "the addresses and ports of the topology, and no other",
  fix: "`gonka-ha up`, or take away the patch under `compose:` that publishes more",
  judge: ofHosts((probe, host, { topology }) =>
    judged(probe.containers, (containers) => {
      const wanted = exposureOn(topology, host.name)
      const running = containers.filter(({ status }) => status === "running")
      const unread = running.filter(({ ports }) => ports === undefined).map(({ service }) => service)
      const wrong = running.flatMap(({ service, ports = [] }) => {
        if (unread.includes(service)) return []
        const own = new Set(wanted.filter((exposure) => serviceOf(exposure) === service).map(targetOf))
        return [
          ...ports.filter((port) => !own.has(port)).map((port) => `${service} publishes ${port}, which nobody asked for`),
          ...[...own].filter((port) => !ports.includes(port)).map((port) => `${service} does not publish ${port}`),
        ]
      })
      if (wrong.length === 0 && unread.length > 0) return unclear(`the engine does not tell the ports of ${listed(unread)}`)
      return none(wrong, bad, `${running.reduce((count, { ports = [] }) => count + ports.length, 0)} ports`)
    }),
  ),
}

const firewall: Check = {
  id: "network.firewall",
  title: "The rendered firewall rules are loaded.",
  why: "gonka-ha renders them and nobody but you applies them: after a change or a reboot the old ones, or none, are in force.",
  scope: "host",
  threshold: "the loaded rules about ports are the rendered ones, in nftables or in DOCKER-USER",
  fix: "on the host: `nft -f firewall/gonka-ha.nft` or `sh firewall/docker-user.sh` in the deployment's directory",
  judge: ofHosts((probe, host, { files }) => {
    const rendered = files.get(host.name)
    // Without rules to load it does not matter what the host has.
    if (compareRules(rendered, { nft: [], iptables: [] }).kind === "none wanted") return undefined
    return judged(probe.firewall, (loaded) => {
      const result = compareRules(rendered, loaded)
      switch (result.kind) {
        case "none wanted":
          return undefined
        case "none loaded":
          return warn(`none of ${result.wanted} rules is loaded`)
        case "compared":
          return result.missing + result.foreign > 0
            ? warn(`${result.missing} of ${result.wanted} rules are missing, ${result.foreign} are others`)
            : ok(`${result.wanted} rules`)
      }
    })
  }),
}

const addressBooks: Check = {
  id: "network.address-books",
  title: "No sentry's address book has a private node.",
  why: "Sentries hand their address books to the network: what stands there is found by everybody.",
  scope: "node",
  threshold: "no id and no private address of a private node",
  fix: "`private_peer_ids` is rendered; stop the sentry, remove nodes/NAME/home/config/addrbook.json, and start it",
  judge: ofProbedNodes(
    (probe, node) => {
      const known = probe.books.get(node.name)
      return known === undefined ? ok("it has no address book yet") : none(known, bad, "no private node in it")
    },
    ({ role }) => role === "sentry",
  ),
}

const strangers: Check = {
  id: "network.strangers",
  title: "Private nodes have no strangers among their peers.",
  why: "Who is connected to a private node knows its address, and can flood it when it counts.",
  scope: "node",
  threshold: "sentries and private nodes of this deployment only",
  fix: "close its p2p port to others (`network.closed`), and look for who has learnt its address",
  judge: ofNodes(
    (seen, _, { topology }) => {
      const own = new Set(topology.nodes.map(({ id }) => id))
      return none(
        seen.peerIds.filter((id) => !own.has(id)).map((id) => `a stranger: ${id}`),
        bad,
        `${seen.peerIds.length} peers, all ours`,
      )
    },
    ({ role }) => role === "private",
  ),
}

export const NETWORK_CHECKS: readonly Check[] = [open, closed, publicOpen, publicClosed, published, firewall, addressBooks, strangers]

/** What no address book of a sentry may have: ids of private nodes, and private addresses of hosts that have no sentry. */
export function secretWords({ topology }: Pick<DoctorFacts, "topology">): readonly string[] {
  const hidden = topology.nodes.filter(({ role }) => role === "private")
  const open = new Set(topology.nodes.filter(({ role }) => role === "sentry").map(({ host }) => host))
  const addresses = hidden.filter(({ host }) => !open.has(host)).map(({ host }) => hostOf(topology, host).privateAddress)
  return [...new Set([...hidden.map(({ id }) => id), ...addresses])]
}
