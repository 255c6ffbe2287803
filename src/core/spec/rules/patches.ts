import type { Rule } from "../rule.ts"
import { patchEntries } from "./patch-entries.ts"
import { COMPOSE_RULES } from "./patches-compose.ts"
import { KEY_RULES } from "./patches-keys.ts"

const unsafeIsOff: Rule = {
  id: "GHA-523",
  title: "The unsafe routes of RPC stay off.",
  severity: "error",
  why: "With them everybody who reaches RPC can change the node's peers and empty its mempool.",
  fix: "remove the setting; for profiling set `rpc.pprof_laddr` for as long as it takes",
  bad: { yaml: "sentries:\n  sentry-1: { config: { rpc: { unsafe: true } } }\n" },
  good: { yaml: 'sentries:\n  sentry-1: { config: { rpc: { pprof_laddr: "127.0.0.1:6060" } } }\n' },
  check: (context) =>
    patchEntries(context, "config")
      .filter(({ key, value }) => key === "rpc.unsafe" && value === true)
      .map(({ path }) => ({ path, message: "lets everybody who reaches RPC change the node" })),
}

const resultsAreKept: Rule = {
  id: "GHA-524",
  title: "A node that an api reads keeps the results of its blocks.",
  severity: "error",
  why: "The api reads the results of every block, up to 500 blocks back, and misses what happened in a block without them.",
  fix: "remove the setting, or take the node out of the api's `upstreams`",
  bad: { yaml: "private:\n  node-1: { config: { storage: { discard_abci_responses: true } } }\n" },
  good: { yaml: "sentries:\n  sentry-1: { config: { storage: { discard_abci_responses: true } } }\n" },
  check: (context) =>
    patchEntries(context, "config")
      .filter(({ key, value, node }) => key === "storage.discard_abci_responses" && value === true && node.readBy.length > 0)
      .map(({ path, node }) => ({ path, message: `throws away block results that ${node.readBy.join(", ")} reads` })),
}

const restartIsNotHeldBack: Rule = {
  id: "GHA-525",
  title: "A node does not look for its validator's own signatures when it starts.",
  severity: "error",
  why: "A restarted active node would find the signatures that it has just made and stop for as many blocks as it looks back; the signer's own state is what prevents a double sign.",
  fix: "remove the setting",
  bad: { yaml: "private:\n  node-1: { config: { consensus: { double_sign_check_height: 10 } } }\n" },
  good: { yaml: "private:\n  node-1: { config: { consensus: { create_empty_blocks: true } } }\n" },
  check: (context) =>
    patchEntries(context, "config")
      .filter(({ key, value }) => key === "consensus.double_sign_check_height" && value !== 0)
      .map(({ path }) => ({ path, message: "keeps a node that is restarted while its validator signs from starting again" })),
}

const ownNodesFit: Rule = {
  id: "GHA-526",
  title: "A node takes at least as many inbound peers as there are other nodes of the deployment.",
  severity: "warning",
  why: "When all others dial it after a restart, the last one is turned away.",
  fix: "raise the number, or remove the setting: the role's own number leaves room",
  bad: { yaml: "private:\n  node-1: { config: { p2p: { max_num_inbound_peers: 2 } } }\n" },
  good: { yaml: "private:\n  node-1: { config: { p2p: { max_num_inbound_peers: 20 } } }\n" },
  check(context) {
    const others = context.shape.nodes.length - 1
    return patchEntries(context, "config")
      .filter(({ key, value }) => key === "p2p.max_num_inbound_peers" && typeof value === "number" && value < others)
      .map(({ path, value }) => ({ path, message: `lets ${String(value)} peers in, and the deployment has ${others} other nodes` }))
  },
}

const timeoutsAreAlike: Rule = {
  id: "GHA-527",
  title: "The timeouts of consensus are the same on every node.",
  severity: "warning",
  why: "After a move the validator would vote at another pace than before, for no reason that anybody sees.",
  fix: "set it for both pools under `pools`, or nowhere",
  bad: { yaml: "private:\n  node-1: { config: { consensus: { timeout_propose: 5s } } }\n" },
  good: {
    yaml: "pools:\n  sentries: { config: { consensus: { timeout_propose: 5s } } }\n  private: { config: { consensus: { timeout_propose: 5s } } }\n",
  },
  check(context) {
    const entries = patchEntries(context, "config").filter(({ key }) => key.startsWith("consensus.timeout_"))
    return [...new Set(entries.map(({ key }) => key))].flatMap((key) => {
      const having = entries.filter((entry) => entry.key === key)
      const [first] = having
      if (first === undefined) return []
      const isAlike = having.length === context.shape.nodes.length && having.every((entry) => entry.value === first.value)
      const names = having.map((entry) => entry.node.name).join(", ")
      return isAlike ? [] : [{ path: first.path, message: `is not the same on every node: it is set on ${names}` }]
    })
  },
}

const sentriesPassOn: Rule = {
  id: "GHA-528",
  title: "Sentries pass transactions on.",
  severity: "warning",
  why: "Private nodes know no other peers, so what their api sends would stay on the sentry and reach the chain late or never.",
  fix: "remove the setting from sentries",
  bad: { yaml: "sentries:\n  sentry-1: { config: { mempool: { broadcast: false } } }\n" },
  good: { yaml: "private:\n  node-3: { config: { mempool: { broadcast: false } } }\n" },
  check: (context) =>
    patchEntries(context, "config")
      .filter(({ key, value, node }) => key === "mempool.broadcast" && value === false && node.pool === "sentries")
      .map(({ path }) => ({ path, message: "keeps the private nodes' transactions from the network" })),
}

export const PATCHES_RULES: readonly Rule[] = [
  ...COMPOSE_RULES,
  ...KEY_RULES,
  unsafeIsOff,
  resultsAreKept,
  restartIsNotHeldBack,
  ownNodesFit,
  timeoutsAreAlike,
  sentriesPassOn,
]
