import type { Found, Rule, RuleContext } from "../rule.ts"
import type { ShapeNode } from "../shape.ts"
import { HISTORY_RULES } from "./data-history.ts"
import { isTrialChain } from "./trial-chain.ts"

const sentriesOf = ({ shape }: RuleContext) => shape.nodes.filter((node) => node.pool === "sentries")
const privateOf = ({ shape }: RuleContext) => shape.nodes.filter((node) => node.pool === "private")
const namesOf = (nodes: readonly ShapeNode[]) => nodes.map((node) => node.name).join(", ")

const snapshotsAreOnSentries: Rule = {
  id: "GHA-601",
  title: "Only sentries keep snapshots.",
  severity: "error",
  why: "Writing a snapshot takes disk and time from a node that signs or may sign in the next minute.",
  fix: "set `snapshots` on sentries instead",
  bad: { yaml: "private:\n  node-1: { snapshots: true }\n" },
  good: { yaml: "sentries:\n  sentry-1: { snapshots: true }\n" },
  check: (context) =>
    privateOf(context)
      .filter((node) => node.snapshots !== undefined)
      .map((node) => ({ path: ["private", node.name, "snapshots"], message: "is for sentries: this is a private node" })),
}

const blocksReachSnapshots: Rule = {
  id: "GHA-602",
  title: "A sentry keeps the blocks that follow its oldest snapshot.",
  severity: "error",
  why: "Who restores an old snapshot would not get the blocks after it, and could never catch up.",
  fix: "raise `keepBlocks`, or set it to 0, which keeps all",
  bad: { yaml: "sentries:\n  sentry-1: { snapshots: { interval: 1000, keep: 2 }, pruning: { keepBlocks: 2000 } }\n" },
  good: { yaml: "sentries:\n  sentry-1: { snapshots: { interval: 1000, keep: 2 }, pruning: { keepBlocks: 3000 } }\n" },
  check: ({ shape }) =>
    shape.nodes.flatMap(({ pool, name, snapshots, pruning: { keepBlocks } }): Found[] => {
      const needed = snapshots === undefined ? 0 : snapshots.intervalBlocks * (snapshots.keep + 1)
      return keepBlocks === 0 || keepBlocks >= needed
        ? []
        : [{ path: [pool, name, "pruning", "keepBlocks"], message: `is ${keepBlocks}, and the snapshots need ${needed} blocks` }]
    }),
}

const privateNodesFindASnapshot: Rule = {
  id: "GHA-603",
  title: "Where private nodes begin at the sentries' snapshots, a sentry keeps some.",
  severity: "error",
  why: "A new or lost private node would wait for a snapshot for ever.",
  fix: "set `snapshots: true` on two sentries, or `bootstrap` of the private nodes to another way",
  bad: { without: ["sentries.sentry-1.snapshots", "sentries.sentry-2.snapshots"], yaml: "pools:\n  private: { bootstrap: sentries }\n" },
  good: {
    yaml: "pools:\n  private: { bootstrap: sentries }\nsentries:\n  sentry-1: { snapshots: true }\n  sentry-2: { snapshots: true }\n",
  },
  check(context) {
    const waiting = privateOf(context).filter((node) => node.bootstrap === "sentries")
    const sentries = sentriesOf(context)
    return waiting.length === 0 || sentries.length === 0 || sentries.some((node) => node.snapshots !== undefined)
      ? []
      : [{ path: ["sentries"], message: `keep no snapshots, and ${namesOf(waiting)} begin${waiting.length === 1 ? "s" : ""} at one` }]
  },
}

const snapshotsAreOnTwo: Rule = {
  id: "GHA-604",
  title: "Where private nodes begin at the sentries' snapshots, two sentries keep some.",
  severity: "warning",
  why: "With the one sentry lost, no new private node can be made, just when one is needed.",
  fix: "set `snapshots: true` on a second sentry",
  bad: { without: ["sentries.sentry-2.snapshots"], yaml: "sentries:\n  sentry-1: { snapshots: true }\n" },
  good: { yaml: "sentries:\n  sentry-1: { snapshots: true }\n  sentry-2: { snapshots: true }\n" },
  check(context) {
    const sentries = sentriesOf(context)
    const [only, ...more] = sentries.filter((node) => node.snapshots !== undefined)
    // With one sentry in all, another rule says what is missing.
    if (only === undefined || more.length > 0 || sentries.length === 1) return []
    return privateOf(context).some((node) => node.bootstrap === "sentries")
      ? [{ path: ["sentries", only.name, "snapshots"], message: "is the only source of snapshots for private nodes" }]
      : []
  },
}

const sentriesBeginOutside: Rule = {
  id: "GHA-605",
  title: "No sentry begins at the deployment's own snapshots.",
  severity: "error",
  why: "With all sentries lost, none of them could ever be the first one to come back.",
  fix: "write `bootstrap: network`, or genesis",
  bad: { yaml: "sentries:\n  sentry-2: { bootstrap: sentries }\n" },
  good: { yaml: "sentries:\n  sentry-2: { bootstrap: network }\n" },
  check: (context) =>
    sentriesOf(context)
      .filter((node) => node.bootstrap === "sentries")
      .map((node) => ({ path: ["sentries", node.name, "bootstrap"], message: "is sentries, on a sentry" })),
}

const trustHasSources: Rule = {
  id: "GHA-606",
  title: "A node that begins at a snapshot of the network knows whom to ask for a block to trust.",
  severity: "error",
  why: "Without a trusted block, a snapshot could be anybody's invention, so the node does not start.",
  fix: "add `chain: { stateSync: { rpc: [url, url] } }` with servers of different people",
  bad: {
    without: ["chain.genesis", "chain.stateSync"],
    yaml: "profile: devnet\nchain: { id: trial-1 }\nsentries:\n  sentry-1: { bootstrap: network }\n",
  },
  good: {
    yaml: 'sentries:\n  sentry-1: { bootstrap: network }\nchain:\n  stateSync: { rpc: ["https://rpc.one.example/", "https://rpc.two.example/"] }\n',
  },
  check: ({ spec, shape, hasProfile }) =>
    !hasProfile || spec.chain?.stateSync?.rpc !== undefined || spec.chain?.genesis?.rpc !== undefined
      ? []
      : shape.nodes
          .filter((node) => node.bootstrap === "network")
          .map((node) => ({
            path: [node.pool, node.name, "bootstrap"],
            message: "is network, and neither chain.stateSync.rpc nor chain.genesis.rpc names a server",
          })),
}

const firstBlocksAreThere: Rule = {
  id: "GHA-610",
  title: "Where a private node begins at the first block, a sentry has all blocks.",
  severity: "error",
  why: "A private node has no other peers than the deployment's own, so it would wait for the first block for ever.",
  fix: "write `bootstrap: sentries`, or let a sentry begin at genesis and keep all blocks",
  bad: {
    yaml: "private:\n  node-1: { bootstrap: genesis }\nsentries:\n  sentry-1: { bootstrap: network }\n  sentry-2: { bootstrap: network }\n",
  },
  good: { yaml: "private:\n  node-1: { bootstrap: genesis }\nsentries:\n  sentry-1: { bootstrap: genesis, pruning: { keepBlocks: 0 } }\n" },
  check(context) {
    const sentries = sentriesOf(context)
    if (sentries.length === 0 || sentries.some((node) => node.bootstrap === "genesis" && node.pruning.keepBlocks === 0)) return []
    return privateOf(context)
      .filter((node) => node.bootstrap === "genesis")
      .map((node) => ({ path: ["private", node.name, "bootstrap"], message: "is genesis, and no sentry has the first blocks" }))
  },
}

const snapshotsAreNotTooOften: Rule = {
  id: "GHA-611",
  title: "At least 100 blocks lie between two snapshots.",
  severity: "warning",
  why: "On a chain with real state a snapshot takes minutes to write: the next would begin before the last is done.",
  fix: "write an interval of 1000, as Gonka's hosts do",
  bad: { yaml: "sentries:\n  sentry-1: { snapshots: { interval: 50 } }\n" },
  good: { yaml: "sentries:\n  sentry-1: { snapshots: { interval: 1000 } }\n" },
  check: (context) =>
    isTrialChain(context.spec)
      ? []
      : sentriesOf(context).flatMap(({ name, snapshots }): Found[] =>
          snapshots === undefined || snapshots.intervalBlocks >= 100
            ? []
            : [{ path: ["sentries", name, "snapshots", "interval"], message: `is ${snapshots.intervalBlocks} blocks` }],
        ),
}

const snapshotsAreFew: Rule = {
  id: "GHA-613",
  title: "Of many sentries, only some keep snapshots.",
  severity: "warning",
  why: "Two are enough to make new nodes from; each more costs disk and, at every interval, the time of a sentry that has to relay.",
  fix: "set `snapshots: false` on all but two",
  bad: {
    yaml: "sentries:\n  more: { count: 2, hosts: [sen-1, sen-2], ports: { p2p: 5100, rpc: 26757 }, snapshots: true }\n",
  },
  good: {
    yaml: "sentries:\n  more: { count: 2, hosts: [sen-1, sen-2], ports: { p2p: 5100, rpc: 26757 }, snapshots: false }\n",
  },
  check(context) {
    const sentries = sentriesOf(context)
    return sentries.length > 3 && sentries.every((node) => node.snapshots !== undefined)
      ? [{ path: ["sentries"], message: `keep snapshots, all ${sentries.length} of them` }]
      : []
  },
}

const thereIsAnOwnSource: Rule = {
  id: "GHA-614",
  title: "At least one sentry keeps snapshots.",
  severity: "warning",
  why: "A new node would have to read the whole chain, or rely on snapshots of strangers, on the day when time matters.",
  fix: "set `snapshots: true` on two sentries",
  bad: {
    without: ["sentries.sentry-1.snapshots", "sentries.sentry-2.snapshots"],
    yaml: "pools:\n  sentries: { bootstrap: genesis }\n  private: { bootstrap: genesis }\n",
  },
  good: { yaml: "sentries:\n  sentry-1: { snapshots: true }\n" },
  check(context) {
    const sentries = sentriesOf(context)
    const isQuiet =
      isTrialChain(context.spec) ||
      sentries.length === 0 ||
      sentries.some((node) => node.snapshots !== undefined) ||
      // That is an error already, and says the same.
      privateOf(context).some((node) => node.bootstrap === "sentries")
    return isQuiet ? [] : [{ path: ["sentries"], message: "keep no snapshots" }]
  },
}

export const DATA_RULES: readonly Rule[] = [
  snapshotsAreOnSentries,
  blocksReachSnapshots,
  privateNodesFindASnapshot,
  snapshotsAreOnTwo,
  sentriesBeginOutside,
  trustHasSources,
  ...HISTORY_RULES,
  firstBlocksAreThere,
  snapshotsAreNotTooOften,
  snapshotsAreFew,
  thereIsAnOwnSource,
]
