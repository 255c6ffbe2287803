import type { Issue } from "../../issue.ts"
import { chainTip, everythingIsStale, healthOf } from "../../observe/health.ts"
import type { Observed } from "../../observe/state.ts"
import type { Topology } from "../../topology.ts"
import type { PreflightFacts, Verb } from "./facts.ts"
import { refuse, refuseIfPlanned, warn } from "./refusal.ts"
import { differenceIn, silentOf } from "./same-chain.ts"

/** Sentries that can witness the move, and that tell the same story. Fresh ones are close in height by what fresh means. */
export function witnessReasons(topology: Topology, observed: Observed, verb: Verb, { witnessed }: PreflightFacts): Issue[] {
  if (!chainTip(observed)) return [refuse("chain", "no node answers, so nothing can be verified", "check the hosts with `gonka-ha status`")]
  if (everythingIsStale(observed, topology.policy))
    return [refuse("chain", "every node is stale at once: the chain or our uplink stands still", "wait; moving the signer would not help")]
  const sentries = topology.nodes
    .filter(({ role }) => role === "sentry")
    .map(({ name }) => ({ name, health: healthOf(observed, name, topology.policy) }))
  const fresh = sentries.filter(({ health }) => health.verdict === "fresh")
  const [only, second] = fresh
  if (!only) return [refuse("chain", "no sentry is fresh, so no other node can witness the move", "bring a sentry back first")]
  if (!second) return [oneWitness(only.name, sentries)]
  if (witnessed.kind === "unknown")
    return [refuseIfPlanned(verb)("chain", `whether the witnesses agree is not known: ${witnessed.reason}`, "bring both sentries back")]
  const differ = differenceIn(witnessed.value)
  if (differ !== undefined)
    return [refuse("chain", `the witnesses disagree: ${differ}`, "find out which of them follows the network before anything moves")]
  const silent = silentOf(witnessed.value)
  return silent === undefined
    ? []
    : [refuseIfPlanned(verb)("chain", `whether the witnesses agree is not known: ${silent}`, "bring both sentries back")]
}

function oneWitness(only: string, sentries: readonly { name: string; health: { verdict: string; reasons: readonly string[] } }[]): Issue {
  const others = sentries.filter(({ name }) => name !== only)
  return others.length === 0
    ? warn("chain", `${only} is the only sentry: no second witness can contradict it`, "add a second sentry")
    : warn(
        "chain",
        `${only} is the only fresh sentry, so no second witness can contradict it: ${others
          .map(({ name, health }) => `${name} is ${health.verdict}: ${health.reasons.join("; ")}`)
          .join("; ")}`,
        "bring the other sentries back",
      )
}
