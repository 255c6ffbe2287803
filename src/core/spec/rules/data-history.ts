import type { Rule } from "../rule.ts"
import { isTrialChain } from "./trial-chain.ts"

/** How far back Gonka's api asks for the results of blocks after it was away (gonka.md 1.2). */
const RESULTS_BLOCKS = 500

/** The least that the SDK's custom pruning takes. */
const LEAST_STATES = 2

const statesReachAnEpoch: Rule = {
  id: "GHA-607",
  title: "A node that an api reads keeps the states of an epoch.",
  severity: "warning",
  why: "The api proves the participants of an epoch against the state at its beginning, and answers with an error once that is pruned.",
  fix: "raise `keepStates` above the blocks of an epoch; 20000 is what the profile gives",
  bad: { yaml: "private:\n  node-1: { pruning: { keepStates: 1000 } }\n" },
  good: { yaml: "private:\n  node-1: { pruning: { keepStates: 20000 } }\n" },
  check({ spec, shape }) {
    const epoch = spec.chain?.epochBlocks ?? 0
    // A chain of one's own for trials has epochs of any length.
    if (isTrialChain(spec)) return []
    return shape.nodes
      .filter((node) => node.readBy.length > 0 && node.pruning.keepStates < epoch)
      .map((node) => ({
        path: [node.pool, node.name, "pruning", "keepStates"],
        message: `is ${node.pruning.keepStates}, an epoch has ${epoch} blocks, and ${node.readBy.join(", ")} reads this node`,
      }))
  },
}

const resultsReachBack: Rule = {
  id: "GHA-608",
  title: `A node that an api reads keeps the last ${RESULTS_BLOCKS} blocks.`,
  severity: "error",
  why: "An api that was away reads the results of up to 500 blocks; what it cannot read, it never does.",
  fix: "raise `keepBlocks`, or set it to 0, which keeps all",
  bad: { yaml: "private:\n  node-1: { pruning: { keepBlocks: 100 } }\n" },
  good: { yaml: "private:\n  node-1: { pruning: { keepBlocks: 5000 } }\n" },
  check: ({ shape }) =>
    shape.nodes
      .filter(({ readBy, pruning }) => readBy.length > 0 && pruning.keepBlocks !== 0 && pruning.keepBlocks < RESULTS_BLOCKS)
      .map((node) => ({
        path: [node.pool, node.name, "pruning", "keepBlocks"],
        message: `is ${node.pruning.keepBlocks}, and ${node.readBy.join(", ")} asks this node for the last ${RESULTS_BLOCKS}`,
      })),
}

const transactionsAreFound: Rule = {
  id: "GHA-609",
  title: "A node that an api reads keeps an index of transactions.",
  severity: "error",
  why: "The api asks for its own transactions by their hash; without the index it takes every one for lost.",
  fix: "remove `indexer`, or write kv",
  bad: { yaml: 'private:\n  node-1: { indexer: "null" }\n' },
  good: { yaml: "private:\n  node-1: { indexer: kv }\n" },
  check: ({ shape }) =>
    shape.nodes
      .filter((node) => node.readBy.length > 0 && node.indexer === "null")
      .map((node) => ({
        path: [node.pool, node.name, "indexer"],
        message: `is null, and ${node.readBy.join(", ")} asks this node for transactions`,
      })),
}

const statesAreEnoughToRun: Rule = {
  id: "GHA-612",
  title: `A node keeps at least ${LEAST_STATES} states.`,
  severity: "error",
  why: "The node refuses to start with fewer.",
  fix: "raise `keepStates`",
  bad: { yaml: "sentries:\n  sentry-1: { pruning: { keepStates: 1 } }\n" },
  good: { yaml: "sentries:\n  sentry-1: { pruning: { keepStates: 1000 } }\n" },
  check: ({ shape }) =>
    shape.nodes
      .filter((node) => node.pruning.keepStates < LEAST_STATES)
      .map((node) => ({ path: [node.pool, node.name, "pruning", "keepStates"], message: `is ${node.pruning.keepStates}` })),
}

/** Rules about what a node keeps of the past for those who read it. */
export const HISTORY_RULES: readonly Rule[] = [statesReachAnEpoch, resultsReachBack, transactionsAreFound, statesAreEnoughToRun]
