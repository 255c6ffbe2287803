import { isPrivateAddress } from "../../private-address.ts"
import { isPlaceholder } from "../placeholder.ts"
import type { Rule } from "../rule.ts"
import { hostUses } from "./host-uses.ts"
import { own, twins } from "./lookup.ts"
import { isTrialChain } from "./trial-chain.ts"

const hostIsReached: Rule = {
  id: "GHA-101",
  title: "Every host says how it is reached.",
  severity: "error",
  why: "Without ssh or local, gonka-ha cannot get there to start or stop anything.",
  fix: "add `ssh: user@address` or an alias of your ssh config",
  bad: { without: ["hosts.sig-1.ssh"], yaml: "hosts:\n  sig-1: { private: 10.0.0.31 }\n" },
  good: { yaml: "hosts:\n  sig-1: { ssh: root@sig-1, private: 10.0.0.31 }\n" },
  check: ({ spec }) =>
    Object.entries(spec.hosts).flatMap(([name, host]) =>
      host.ssh || host.local ? [] : [{ path: ["hosts", name], message: "says neither ssh nor local: true" }],
    ),
}

const hostIsReachedOneWay: Rule = {
  id: "GHA-102",
  title: "A host is either this machine or another one.",
  severity: "error",
  why: "With both, the containers could end up on the wrong machine.",
  fix: "keep one: ssh for another machine, local for this one",
  bad: { yaml: "hosts:\n  sig-1: { ssh: root@sig-1, local: true }\n" },
  good: { without: ["hosts.sig-1.ssh"], yaml: "hosts:\n  sig-1: { local: true, private: 10.0.0.31 }\n" },
  check: ({ spec }) =>
    Object.entries(spec.hosts).flatMap(([name, host]) =>
      host.ssh && host.local ? [{ path: ["hosts", name], message: "has both ssh and local: true" }] : [],
    ),
}

const hostHasPrivateAddress: Rule = {
  id: "GHA-103",
  title: "Every host has a private address.",
  severity: "error",
  why: "Nodes, signers and load balancers find each other by it.",
  fix: "add `private:` with the address its own peers use",
  bad: { without: ["hosts.sig-1.private"], yaml: "hosts:\n  sig-1: { ssh: root@sig-1 }\n" },
  good: { yaml: "hosts:\n  sig-1: { ssh: root@sig-1, private: 10.0.0.31 }\n" },
  check: ({ spec }) =>
    Object.entries(spec.hosts).flatMap(([name, host]) =>
      host.private ? [] : [{ path: ["hosts", name], message: "has no private address" }],
    ),
}

const privateAddressIsUnique: Rule = {
  id: "GHA-104",
  title: "No two hosts have the same private address.",
  severity: "error",
  why: "The signer and the peers of one host would be sent to the other.",
  fix: "give every host its own address",
  bad: { yaml: "hosts:\n  val-1: { private: 10.0.0.21 }\n  val-2: { private: 10.0.0.21 }\n" },
  good: { yaml: "hosts:\n  val-1: { private: 10.0.0.21 }\n  val-2: { private: 10.0.0.22 }\n" },
  check: ({ spec }) =>
    twins(spec.hosts, (host) => host.private).map(({ name, first }) => ({
      path: ["hosts", name, "private"],
      message: `is also the private address of ${first}`,
    })),
}

const privateAddressIsPrivate: Rule = {
  id: "GHA-105",
  title: "The private address of a host is not one of the internet.",
  severity: "warning",
  why: "What the deployment's hosts say to each other would cross the internet, and whatever listens there can be reached from it.",
  fix: "use a private network or an overlay such as WireGuard",
  bad: { yaml: "hosts:\n  sig-1: { private: 198.51.100.31 }\n" },
  good: { yaml: "hosts:\n  sig-1: { private: 10.0.0.31 }\n" },
  check({ spec, shape }) {
    // The privval port of a candidate is worse than a warning, and has a rule of its own.
    const candidates = new Set(shape.nodes.filter(({ candidateOf }) => candidateOf.length > 0).map(({ host }) => host))
    return Object.entries(spec.hosts).flatMap(([name, { private: address }]) =>
      address === undefined || isPrivateAddress(address) || isPlaceholder(address) || candidates.has(name)
        ? []
        : [{ path: ["hosts", name, "private"], message: "is a public address: the privval port would be reachable from the internet" }],
    )
  },
}

const sentryIsSeen: Rule = {
  id: "GHA-106",
  title: "The network can reach every sentry.",
  severity: "warning",
  why: "Nobody can dial an address of a private network, so the sentry lives on the few peers that it dials itself.",
  fix: "add `public:` to the host with the address that the internet sees",
  bad: { without: ["hosts.sen-1.public"], yaml: "hosts:\n  sen-1: { private: 10.0.0.11 }\n" },
  good: { yaml: "hosts:\n  sen-1: { private: 10.0.0.11, public: 203.0.113.11 }\n" },
  check({ spec }) {
    if (isTrialChain(spec)) return []
    const hosts = new Set(Object.values(spec.sentries).map((sentry) => sentry.host))
    return Object.entries(spec.hosts).flatMap(([name, host]) => {
      const address = host.public ?? host.private
      if (!hosts.has(name) || address === undefined || !isPrivateAddress(address)) return []
      const key = host.public === undefined ? "private" : "public"
      return [{ path: ["hosts", name, key], message: `is what a sentry tells the network, and nobody outside can reach ${address}` }]
    })
  },
}

const hostIsUsed: Rule = {
  id: "GHA-107",
  title: "Something runs on every host.",
  severity: "warning",
  why: "An idle host is paid for and still does not help when another one is lost.",
  fix: "put a node, a signer, an api or an entry point there, or remove the host",
  bad: { yaml: "hosts:\n  spare-1: { ssh: root@spare-1, private: 10.0.0.61, provider: one, site: one-a }\n" },
  good: {
    yaml: "hosts:\n  val-4: { ssh: root@val-4, private: 10.0.0.24, provider: one, site: one-a }\nprivate:\n  node-4: { host: val-4 }\n",
  },
  check({ spec }) {
    const uses = hostUses(spec)
    // A host that is not under hosts is most likely this one, misspelt: one complaint is enough.
    if (uses.some(({ host }) => own(spec.hosts, host) === undefined)) return []
    const used = new Set([
      ...uses.map(({ host }) => host),
      ...Object.values(spec.validators).flatMap(({ signer }) => signer.replaces ?? []),
    ])
    return Object.keys(spec.hosts).flatMap((name) => (used.has(name) ? [] : [{ path: ["hosts", name], message: "runs nothing" }]))
  },
}

const addressLeavesTheMachine: Rule = {
  id: "GHA-108",
  title: "A private address leads to its host from every other host.",
  severity: "error",
  why: "127.x means the own machine on every machine, so the other hosts would talk to themselves.",
  fix: "write the address of the network that the hosts share",
  bad: { yaml: "hosts:\n  val-1: { private: 127.0.0.1 }\n" },
  good: { yaml: "hosts:\n  val-1: { private: 10.0.0.21 }\n" },
  check: ({ spec }) =>
    Object.keys(spec.hosts).length < 2
      ? []
      : Object.entries(spec.hosts).flatMap(([name, host]) =>
          host.private?.startsWith("127.")
            ? [{ path: ["hosts", name, "private"], message: "is a loopback address, which the other hosts cannot reach" }]
            : [],
        ),
}

const sshTargetIsUnique: Rule = {
  id: "GHA-109",
  title: "No two hosts are reached by the same ssh target.",
  severity: "warning",
  why: "Two names for one machine make a deployment look safer than it is: both are lost together.",
  fix: "write one machine as one host, or correct the target",
  bad: { yaml: "hosts:\n  val-1: { ssh: root@val-1 }\n  val-2: { ssh: root@val-1 }\n" },
  good: { yaml: "hosts:\n  val-1: { ssh: root@val-1 }\n  val-2: { ssh: root@val-2 }\n" },
  check: ({ spec }) =>
    twins(spec.hosts, (host) => host.ssh).map(({ name, first }) => ({
      path: ["hosts", name, "ssh"],
      message: `is also how ${first} is reached: one machine under two names`,
    })),
}

const oneMachineIsLocal: Rule = {
  id: "GHA-110",
  title: "At most one host is this machine.",
  severity: "error",
  why: "Their containers and directories would get in each other's way on the one machine.",
  fix: "write one machine as one host; nodes may share it",
  bad: {
    without: ["hosts.val-1.ssh", "hosts.val-2.ssh"],
    yaml: "hosts:\n  val-1: { local: true, private: 10.0.0.21 }\n  val-2: { local: true, private: 10.0.0.22 }\n",
  },
  good: {
    without: ["hosts.val-1.ssh"],
    yaml: "hosts:\n  val-1: { local: true, private: 10.0.0.21 }\n  val-2: { ssh: root@val-2, private: 10.0.0.22 }\n",
  },
  check: ({ spec }) =>
    twins(spec.hosts, (host) => (host.local ? "local" : undefined)).map(({ name, first }) => ({
      path: ["hosts", name, "local"],
      message: `is this machine, as ${first} is already`,
    })),
}

const failureDomainIsKnown: Rule = {
  id: "GHA-111",
  title: "Either every host names its provider or site, or none does.",
  severity: "warning",
  why: "What is lost together with this host cannot be told, so the report of failure domains leaves it out.",
  fix: "add `provider:` and `site:` to the host",
  bad: { without: ["hosts.val-2.provider", "hosts.val-2.site"], yaml: "hosts:\n  val-2: { ssh: root@val-2, private: 10.0.0.22 }\n" },
  good: { yaml: "hosts:\n  val-2: { ssh: root@val-2, private: 10.0.0.22, provider: two, site: two-b }\n" },
  check({ spec }) {
    const silent = Object.entries(spec.hosts).filter(([, { provider, site }]) => provider === undefined && site === undefined)
    if (silent.length === Object.keys(spec.hosts).length) return []
    return silent.map(([name]) => ({ path: ["hosts", name], message: "names neither provider nor site, though other hosts do" }))
  },
}

const sudoIsForSsh: Rule = {
  id: "GHA-112",
  title: "Only a host that is reached over SSH uses sudo.",
  severity: "error",
  why: "On this machine gonka-ha itself runs as the user who is to do everything.",
  fix: "take `sudo` out, and run gonka-ha as root on this machine",
  bad: { without: ["hosts.sig-1.ssh"], yaml: "hosts:\n  sig-1: { local: true, sudo: true, private: 10.0.0.31 }\n" },
  good: { yaml: "hosts:\n  sig-1: { ssh: ops@sig-1, sudo: true, private: 10.0.0.31 }\n" },
  check: ({ spec }) =>
    Object.entries(spec.hosts).flatMap(([name, host]) =>
      host.local && host.sudo ? [{ path: ["hosts", name, "sudo"], message: "is this machine, and has sudo: true" }] : [],
    ),
}

export const HOSTS_RULES: readonly Rule[] = [
  hostIsReached,
  hostIsReachedOneWay,
  hostHasPrivateAddress,
  privateAddressIsUnique,
  privateAddressIsPrivate,
  sentryIsSeen,
  hostIsUsed,
  addressLeavesTheMachine,
  sshTargetIsUnique,
  oneMachineIsLocal,
  failureDomainIsKnown,
  sudoIsForSsh,
]
