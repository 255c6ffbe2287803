import type { Issue } from "../../issue.ts"
import { type Observed, valueIn } from "../../observe/state.ts"
import type { BlockCompared, PreflightFacts, Verb } from "./facts.ts"
import { refuse, refuseIfPlanned } from "./refusal.ts"

/** The target has the witness's block, and so everything before it: the same genesis, the same history. A chain's id alone proves nothing. */
export function sameChainReasons(observed: Observed, to: string, verb: Verb, { targetBlock }: PreflightFacts): Issue[] {
  // What a node that does not answer has is told where its silence is.
  if (valueIn(observed.nodes.get(to)) === undefined) return []
  const unclear = (reason: string) => [
    refuseIfPlanned(verb)(to, `whether it has the witnesses' blocks is not known: ${reason}`, "wait until it and a sentry tell"),
  ]
  if (targetBlock.kind === "unknown") return unclear(targetBlock.reason)
  const silent = silentOf(targetBlock.value)
  if (silent !== undefined) return unclear(silent)
  const differ = differenceIn(targetBlock.value)
  return differ === undefined
    ? []
    : [refuse(to, differ, "its data directory belongs to another chain with the same name, or to a fork of it")]
}

/** Which of the nodes does not tell its block, and why. */
export function silentOf({ hashes }: BlockCompared): string | undefined {
  const silent = [...hashes].flatMap(([name, hash]) => (hash.kind === "unknown" ? [`${name}: ${hash.reason}`] : []))
  return silent.length === 0 ? undefined : silent.join("; ")
}

/** The block that two nodes do not have alike, in words; undefined when all that tell agree. */
export function differenceIn({ height, hashes }: BlockCompared): string | undefined {
  const told = [...hashes].flatMap(([name, hash]) => (hash.kind === "seen" ? [{ name, hash: hash.value }] : []))
  if (new Set(told.map(({ hash }) => hash)).size <= 1) return undefined
  return `block ${height} differs: ${told.map(({ name, hash }) => `${name} has ${hash.slice(0, HASH_SHOWN)}`).join(", ")}`
}

/** Enough of a hash to tell two apart by eye. */
const HASH_SHOWN = 8
