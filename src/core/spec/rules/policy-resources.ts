import type { Rule } from "../rule.ts"
import { isTrialChain } from "./trial-chain.ts"

const LEAST_MEMORY_MB = 4096
const LEAST_CPUS = 2

const memoryIsEnough: Rule = {
  id: "GHA-861",
  title: "A node may use 4 GB of memory or more.",
  severity: "warning",
  why: "On a chain with real state a node needs more at times, and with the limit the kernel kills it in the middle of a block.",
  fix: "raise `memory`, or remove it",
  bad: { yaml: "private:\n  node-1: { resources: { memory: 2g } }\n" },
  good: { yaml: "private:\n  node-1: { resources: { memory: 16g } }\n" },
  check: ({ spec, shape }) =>
    isTrialChain(spec)
      ? []
      : shape.nodes.flatMap(({ pool, name, resources: { memory } }) =>
          memory === undefined || megabytes(memory) >= LEAST_MEMORY_MB
            ? []
            : [{ path: [pool, name, "resources", "memory"], message: `is ${memory}, less than a node of a real chain needs` }],
        ),
}

const candidatesAreFast: Rule = {
  id: "GHA-862",
  title: "A candidate may use two processors or more.",
  severity: "warning",
  why: "While the one processor executes a block, votes wait, and the validator misses blocks at the busiest moments.",
  fix: "raise `cpus`, or remove it",
  bad: { yaml: "private:\n  node-1: { resources: { cpus: 1 } }\n" },
  good: { yaml: "private:\n  node-1: { resources: { cpus: 4 } }\n" },
  check: ({ spec, shape }) =>
    isTrialChain(spec)
      ? []
      : shape.nodes.flatMap(({ pool, name, candidateOf, resources: { cpus } }) =>
          candidateOf.length === 0 || cpus === undefined || cpus >= LEAST_CPUS
            ? []
            : [{ path: [pool, name, "resources", "cpus"], message: `is ${cpus}, on a node that may sign` }],
        ),
}

/** The schema has seen to the form: a number and m or g. */
function megabytes(size: string): number {
  return Number.parseFloat(size) * (size.endsWith("g") ? 1024 : 1)
}

/** Rules about the limits of containers. */
export const RESOURCE_RULES: readonly Rule[] = [memoryIsEnough, candidatesAreFast]
