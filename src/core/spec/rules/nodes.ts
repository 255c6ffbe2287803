import type { Found, Rule, RuleContext } from "../rule.ts"
import { hostUses } from "./host-uses.ts"
import { fixForUnknown, own } from "./lookup.ts"
import { NODES_LOSS_RULES } from "./nodes-loss.ts"

const POOLS = ["sentries", "private"] as const

const hostExists: Rule = {
  id: "GHA-201",
  title: "Every host that is named is under hosts.",
  severity: "error",
  why: "Nobody knows which machine is meant.",
  fix: "correct the name, or add the host under hosts",
  bad: { yaml: "private:\n  node-2: { host: vall-2 }\n" },
  good: { yaml: "private:\n  node-2: { host: val-2 }\n" },
  check({ spec }) {
    const known = Object.keys(spec.hosts)
    return hostUses(spec)
      .filter(({ host }) => own(spec.hosts, host) === undefined)
      .map(({ path, host }) => ({
        path,
        message: `names the host ${host}, which is not under hosts`,
        fix: fixForUnknown("hosts", host, known),
      }))
  },
}

const nodeHasHost: Rule = {
  id: "GHA-202",
  title: "Every node says where it runs.",
  severity: "error",
  why: "A node without a host is started nowhere.",
  fix: "add `host:` with a name from hosts, or `count:` and `hosts:` for several alike nodes",
  bad: { without: ["private.node-2.host"], yaml: "private:\n  node-2: { bootstrap: network }\n" },
  good: { yaml: "private:\n  node-2: { host: val-2, bootstrap: network }\n" },
  check: (context) =>
    writtenNodes(context).flatMap(({ path, node }) =>
      node.host === undefined && node.count === undefined && node.hosts === undefined ? [{ path, message: "names no host" }] : [],
    ),
}

const groupIsWhole: Rule = {
  id: "GHA-203",
  title: "A group has a count and hosts, and a single node has a host.",
  severity: "error",
  why: "From a half of it nobody can tell how many nodes are meant, and where.",
  fix: "write `host: NAME` for one node, or `count: N` with `hosts: [NAME, …]` for several",
  bad: { without: ["private.node-3"], yaml: "private:\n  more: { count: 2, host: val-3 }\n" },
  good: {
    without: ["private.node-1", "private.node-2", "private.node-3"],
    yaml: "private:\n  node: { count: 3, hosts: [val-1, val-2, val-3] }\n",
  },
  check: (context) =>
    writtenNodes(context).flatMap(({ path, node }) => {
      if (node.count !== undefined && node.host !== undefined) return [{ path, message: "has both count and host" }]
      if (node.hosts !== undefined && node.host !== undefined) return [{ path, message: "has both hosts and host" }]
      if (node.count !== undefined && node.hosts === undefined) return [{ path, message: "has a count, and no hosts to deal it out over" }]
      if (node.hosts !== undefined && node.count === undefined) return [{ path, message: "has hosts, and no count of nodes for them" }]
      return []
    }),
}

const nameIsInOnePool: Rule = {
  id: "GHA-205",
  title: "No private node has the name of a sentry.",
  severity: "error",
  why: "Containers, directories and commands know a node by its name alone.",
  fix: "names of nodes are unique in a deployment: rename one of them",
  bad: { yaml: "private:\n  sentry-2: { host: val-3 }\n" },
  good: { yaml: "private:\n  node-3: { host: val-3 }\n" },
  check: ({ spec }) =>
    Object.keys(spec.private)
      .filter((name) => Object.hasOwn(spec.sentries, name))
      .map((name) => ({ path: ["private", name], message: "is also the name of a sentry" })),
}

const nameIsFree: Rule = {
  id: "GHA-206",
  title: "No node's name ends in -parking, -signer or -balancer.",
  severity: "error",
  why: "Containers beside a node, of a validator and of a load balancer end that way, and two containers cannot have one name.",
  fix: "choose another name",
  bad: { without: ["sentries.sentry-2"], yaml: "sentries:\n  main-signer: { host: sen-2 }\n" },
  good: { yaml: "sentries:\n  sentry-2: { host: sen-2 }\n" },
  check: ({ spec }) =>
    POOLS.flatMap((pool) =>
      Object.keys(spec[pool])
        .filter((name) => /-(parking|signer|balancer)$/.test(name))
        .map((name) => ({
          path: [pool, name],
          message: "ends in -parking, -signer or -balancer, which gonka-ha uses for its own containers",
        })),
    ),
}

const groupMakesNewNames: Rule = {
  id: "GHA-207",
  title: "No node is written under a name that a group makes.",
  severity: "error",
  why: "Two nodes of one name cannot run, so the group would have a node less than it says.",
  fix: "rename the node or the group",
  bad: {
    without: ["private.node-2", "private.node-3"],
    yaml: "private:\n  node: { count: 2, hosts: [val-2, val-3] }\n  node-1: { host: val-1 }\n",
  },
  good: {
    without: ["private.node-1", "private.node-2", "private.node-3"],
    yaml: "private:\n  node: { count: 3, hosts: [val-1, val-2, val-3] }\n",
  },
  check: (context) =>
    writtenNodes(context).flatMap(({ pool, name, node }) =>
      Array.from({ length: node.count ?? 0 }, (_, index) => `${name}-${index + 1}`)
        .filter((made) => Object.hasOwn(context.written[pool], made))
        .map((made): Found => ({ path: [pool, made], message: `is also a name that the group ${name} makes` })),
    ),
}

const privateNodeIsPrivate: Rule = {
  id: "GHA-216",
  title: "Nothing of a private node is public.",
  severity: "error",
  why: "Whoever can reach the node that signs can stop it from signing.",
  fix: "remove `public:` here, and give it to a sentry",
  bad: { yaml: "private:\n  node-1: { public: { rpc: true } }\n" },
  good: { yaml: "sentries:\n  sentry-1: { public: { rpc: true } }\n" },
  check: ({ spec }) =>
    Object.entries(spec.private).flatMap(([name, node]) =>
      Object.values(node.public ?? {}).some((value) => value !== undefined)
        ? [{ path: ["private", name, "public"], message: "offers services of a private node to the world" }]
        : [],
    ),
}

/** Nodes and groups as they stand in the file. */
function writtenNodes({ written }: RuleContext) {
  return POOLS.flatMap((pool) => Object.entries(written[pool]).map(([name, node]) => ({ pool, name, node, path: [pool, name] })))
}

export const NODES_RULES: readonly Rule[] = [
  hostExists,
  nodeHasHost,
  groupIsWhole,
  nameIsInOnePool,
  nameIsFree,
  groupMakesNewNames,
  ...NODES_LOSS_RULES,
  privateNodeIsPrivate,
]
