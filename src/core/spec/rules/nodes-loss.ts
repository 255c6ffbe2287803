import type { Rule, RuleContext } from "../rule.ts"
import { hasOneHost } from "./host-uses.ts"
import { commonValue, own } from "./lookup.ts"

/** How many sentries a private node should see when the host that it runs on is not counted. */
const ENOUGH_SENTRIES = 2

const thereIsASentry: Rule = {
  id: "GHA-208",
  title: "There is a sentry.",
  severity: "error",
  why: "Private nodes talk to the network through sentries only.",
  fix: "add at least two sentries",
  bad: { without: ["sentries", "edge"], yaml: "sentries: {}\n" },
  good: { yaml: "sentries:\n  sentry-1: { host: sen-1 }\n  sentry-2: { host: sen-2 }\n" },
  check: ({ spec }) =>
    Object.keys(spec.sentries).length === 0 ? [{ path: ["sentries"], message: "is empty: private nodes would have no peers" }] : [],
}

const thereIsASecondSentry: Rule = {
  id: "GHA-209",
  title: "There are at least two sentries.",
  severity: "warning",
  why: "Every restart of the only sentry stops the signing.",
  fix: "add a second sentry on another host",
  bad: { without: ["sentries.sentry-2"], yaml: "sentries:\n  sentry-1: { host: sen-1 }\n" },
  good: { yaml: "sentries:\n  sentry-1: { host: sen-1 }\n  sentry-2: { host: sen-2 }\n" },
  check: ({ spec }) =>
    Object.keys(spec.sentries).length === 1
      ? [{ path: ["sentries"], message: "has one sentry: losing it cuts every private node off" }]
      : [],
}

const sentriesAreOnTwoHosts: Rule = {
  id: "GHA-210",
  title: "Sentries run on more than one host.",
  severity: "warning",
  why: "Several sentries on one machine are as good as one when the machine is lost.",
  fix: "move one of them to another host",
  bad: { yaml: "sentries:\n  sentry-2: { host: sen-1, ports: { p2p: 5100, rpc: 26757 } }\n" },
  good: { yaml: "sentries:\n  sentry-2: { host: sen-2 }\n" },
  check({ spec }) {
    const sentries = Object.values(spec.sentries)
    const host = commonValue(sentries.map((sentry) => sentry.host))
    return sentries.length > 1 && host !== undefined
      ? [{ path: ["sentries"], message: `are all on ${host}: losing it cuts every private node off` }]
      : []
  },
}

const sentriesAreAtTwoProviders: Rule = {
  id: "GHA-211",
  title: "Sentries run at more than one provider or site.",
  severity: "warning",
  why: "A provider's outage, or its answer to a flood, takes all of them at once.",
  fix: "put one of them at another provider, or at least at another site",
  bad: { yaml: "hosts:\n  sen-1: { provider: one, site: one-a }\n  sen-2: { provider: one, site: one-a }\n" },
  good: { yaml: "hosts:\n  sen-1: { provider: one, site: one-a }\n  sen-2: { provider: two, site: two-a }\n" },
  check({ spec }) {
    const names = [...new Set(Object.values(spec.sentries).map((sentry) => sentry.host))]
    const hosts = names.map((name) => own(spec.hosts, name))
    if (hosts.length < 2) return []
    const provider = commonValue(hosts.map((host) => host?.provider))
    if (provider !== undefined) return [{ path: ["sentries"], message: `are all at the provider ${provider}` }]
    const site = commonValue(hosts.map((host) => host?.site))
    // Equal words for the sites of different providers are different places.
    const noProvider = hosts.every((host) => host?.provider === undefined)
    return site !== undefined && noProvider ? [{ path: ["sentries"], message: `are all at the site ${site}` }] : []
  },
}

const sentriesAreAlone: Rule = {
  id: "GHA-212",
  title: "No private node shares a host with a sentry.",
  severity: "warning",
  why: "A flood at the sentry takes the machine, and with it the node that signs.",
  fix: "give the private node a host that the network does not know",
  bad: { yaml: "private:\n  node-3: { host: sen-1, ports: { p2p: 5100, rpc: 26757 } }\n" },
  good: { yaml: "private:\n  node-3: { host: val-3 }\n" },
  check({ spec }) {
    if (hasOneHost(spec)) return []
    return Object.entries(spec.private).flatMap(([name, { host }]) => {
      const sentries = Object.entries(spec.sentries).filter(([, sentry]) => host !== undefined && sentry.host === host)
      return sentries.length === 0
        ? []
        : [
            {
              path: ["private", name, "host"],
              message: `also carries ${sentries.map(([sentry]) => sentry).join(", ")}: a flood there takes this node too`,
            },
          ]
    })
  },
}

const privateNodesAreOnTwoHosts: Rule = {
  id: "GHA-213",
  title: "Private nodes run on more than one host.",
  severity: "warning",
  why: "When that machine is lost, no node is left that could sign.",
  fix: "move one of them to another host",
  bad: {
    without: ["private.node-3"],
    yaml: "private:\n  node-2: { host: val-1, ports: { p2p: 5100, rpc: 26757, privval: 26758 } }\nvalidators:\n  main: { candidates: [node-1, node-2] }\n",
  },
  good: { yaml: "private:\n  node-1: { host: val-1 }\n  node-2: { host: val-2 }\n" },
  check({ spec }) {
    const nodes = Object.values(spec.private)
    const host = commonValue(nodes.map((node) => node.host))
    return nodes.length > 1 && host !== undefined && !hasOneHost(spec)
      ? [{ path: ["private"], message: `are all on ${host}: they are lost together` }]
      : []
  },
}

const privateNodeSeesTwoSentries: Rule = {
  id: "GHA-217",
  title: "Every private node has two sentries on hosts other than its own.",
  severity: "warning",
  why: "With one, its restart cuts the node off from the network, although there are more sentries.",
  fix: "put another sentry on a host that carries no private node",
  bad: { yaml: "private:\n  node-3: { host: sen-1, ports: { p2p: 5100, rpc: 26757 } }\n" },
  good: { yaml: "private:\n  node-3: { host: val-3 }\n" },
  check(context) {
    // With fewer sentries than that, other rules have said so for all nodes at once.
    if (Object.keys(context.spec.sentries).length < ENOUGH_SENTRIES || hasOneHost(context.spec)) return []
    return Object.keys(context.spec.private).flatMap((name) => {
      const elsewhere = sentriesElsewhere(context, name)
      return elsewhere >= ENOUGH_SENTRIES
        ? []
        : [{ path: ["private", name], message: `has ${elsewhere === 0 ? "no sentry" : "one sentry"} outside of its own host` }]
    })
  },
}

function sentriesElsewhere({ spec }: RuleContext, node: string): number {
  const host = own(spec.private, node)?.host
  return Object.values(spec.sentries).filter((sentry) => host === undefined || sentry.host !== host).length
}

export const NODES_LOSS_RULES: readonly Rule[] = [
  thereIsASentry,
  thereIsASecondSentry,
  sentriesAreOnTwoHosts,
  sentriesAreAtTwoProviders,
  sentriesAreAlone,
  privateNodesAreOnTwoHosts,
  privateNodeSeesTwoSentries,
]
