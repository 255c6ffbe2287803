import { durationMs, durationText } from "../../duration.ts"
import { EXPECTED_COST_BLOCKS } from "../../plan/preflight/budget.ts"
import type { Rule } from "../rule.ts"
import type { Spec } from "../schema.ts"
import { IMAGE_RULES } from "./policy-images.ts"
import { RESOURCE_RULES } from "./policy-resources.ts"
import { isTrialChain } from "./trial-chain.ts"

const freshnessIsPossible: Rule = {
  id: "GHA-801",
  title: "The freshness limit is two block times or more.",
  severity: "error",
  why: "A healthy node would be called stale between two blocks, and every move be refused.",
  fix: "use at least three block times",
  bad: { yaml: "policy: { freshness: 9s }\n" },
  good: { yaml: "policy: { freshness: 20s }\n" },
  check({ spec }) {
    const freshness = spec.policy?.freshness
    const blockTime = spec.chain?.blockTime
    if (freshness === undefined || blockTime === undefined || durationMs(freshness) >= 2 * durationMs(blockTime)) return []
    return [
      {
        path: ["policy", "freshness"],
        message: "is below two block times: a healthy node's newest block is up to two block times old",
        fix: `use at least 3 x ${blockTime}`,
      },
    ]
  },
}

const stallIsSeenInTime: Rule = {
  id: "GHA-802",
  title: "A stall is seen before half of the time until jail is over.",
  severity: "warning",
  why: "What is left after that has to be enough for a person to wake up, look and decide.",
  fix: "lower the limit; 20 s is a good one for blocks of 5 s",
  bad: { yaml: "policy: { freshness: 5m }\n" },
  good: { yaml: "policy: { freshness: 20s }\n" },
  check({ spec }) {
    const freshness = spec.policy?.freshness
    const blockTime = spec.chain?.blockTime
    const budget = jailBudgetBlocks(spec)
    // A chain of one's own may count as it likes; only its live numbers would tell.
    if (isTrialChain(spec) || freshness === undefined || blockTime === undefined || budget === undefined) return []
    const untilJailMs = budget * durationMs(blockTime)
    return durationMs(freshness) <= untilJailMs / 2
      ? []
      : [
          {
            path: ["policy", "freshness"],
            message: `is longer than half of the ${durationText(untilJailMs)} until a silent validator is jailed`,
          },
        ]
  },
}

const lagLeavesRoom: Rule = {
  id: "GHA-803",
  title: "A node may be a block or two behind the best one.",
  severity: "warning",
  why: "Nodes answer at different moments of a block, so a healthy one is often a block behind, and moves would be refused at random.",
  fix: "use 3, the built-in value",
  bad: { yaml: "policy: { maxLagBlocks: 0 }\n" },
  good: { yaml: "policy: { maxLagBlocks: 3 }\n" },
  check: ({ spec }) =>
    spec.policy?.maxLagBlocks === 0 ? [{ path: ["policy", "maxLagBlocks"], message: "is 0: no node may be a single block behind" }] : [],
}

const reserveFits: Rule = {
  id: "GHA-804",
  title: "The jail reserve and the cost of a move fit into what a validator may miss.",
  severity: "error",
  why: "Every promote would be refused, even of a validator that never missed a block.",
  fix: "lower `jailReserveBlocks`; 10 is a good reserve in a window of 100",
  bad: { yaml: "policy: { jailReserveBlocks: 50 }\n" },
  good: { yaml: "policy: { jailReserveBlocks: 10 }\n" },
  check({ spec }) {
    const reserve = spec.policy?.jailReserveBlocks
    const budget = jailBudgetBlocks(spec)
    if (reserve === undefined || budget === undefined || reserve + EXPECTED_COST_BLOCKS.promote <= budget) return []
    return [
      {
        path: ["policy", "jailReserveBlocks"],
        message: `is ${reserve}, a promote costs ${EXPECTED_COST_BLOCKS.promote}, and a validator may miss ${budget} blocks in all`,
      },
    ]
  },
}

const reserveCoversAFailover: Rule = {
  id: "GHA-805",
  title: "The jail reserve covers a failover.",
  severity: "warning",
  why: "When a promote goes wrong, a failover follows, and its missed blocks have to be left.",
  fix: "use 10, the built-in value",
  bad: { yaml: "policy: { jailReserveBlocks: 1 }\n" },
  good: { yaml: "policy: { jailReserveBlocks: 10 }\n" },
  check({ spec }) {
    const reserve = spec.policy?.jailReserveBlocks
    return reserve === undefined || reserve >= EXPECTED_COST_BLOCKS.failover
      ? []
      : [
          {
            path: ["policy", "jailReserveBlocks"],
            message: `is ${reserve}, and a failover costs about ${EXPECTED_COST_BLOCKS.failover} blocks`,
          },
        ]
  },
}

const peopleDecide: Rule = {
  id: "GHA-806",
  title: "A person decides about a failover.",
  severity: "error",
  why: "Only a person can know that a silent host is really off; a program that is wrong about it double signs.",
  fix: "write `failover: manual`, and let `gonka-ha status` call somebody",
  bad: { yaml: "policy: { failover: automatic }\n" },
  good: { yaml: "policy: { failover: manual }\n" },
  check: ({ spec }) =>
    spec.policy?.failover === "automatic" ? [{ path: ["policy", "failover"], message: "automatic is not available" }] : [],
}

/** Blocks that a validator without a miss may miss before the chain jails it. */
function jailBudgetBlocks({ chain }: Spec): number | undefined {
  const { windowBlocks, minSignedPercent } = chain?.slashing ?? {}
  if (windowBlocks === undefined || minSignedPercent === undefined) return undefined
  // The chain rounds the blocks that have to be signed, x/slashing MinSignedPerWindowInt.
  return windowBlocks - Math.round((windowBlocks * minSignedPercent) / 100)
}

export const POLICY_RULES: readonly Rule[] = [
  freshnessIsPossible,
  stallIsSeenInTime,
  lagLeavesRoom,
  reserveFits,
  reserveCoversAFailover,
  peopleDecide,
  ...IMAGE_RULES,
  ...RESOURCE_RULES,
]
