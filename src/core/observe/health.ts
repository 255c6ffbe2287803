import { durationText } from "../duration.ts"
import type { Policy } from "../topology.ts"
import { type NodeSeen, type Observed, type Reading, valueIn } from "./state.ts"

export type Verdict = "fresh" | "lagging" | "stale" | "unknown"

export type Health = { readonly verdict: Verdict; readonly reasons: readonly string[] }

/** What one node is compared with: the best of all that was seen. */
export type ChainTip = { readonly height: number; readonly ageMs: number }

/** The newest block that any of our nodes has; undefined when none answers. */
export function chainTip(observed: Observed): ChainTip | undefined {
  const nodes = [...observed.nodes.values()].flatMap((reading) => (reading.kind === "seen" ? [reading.value] : []))
  if (nodes.length === 0) return undefined
  return {
    height: Math.max(...nodes.map((node) => node.height)),
    ageMs: Math.min(...nodes.map((node) => node.ageMs)),
  }
}

/** A newest block further ahead of our clock than this means that the clocks disagree, and then ages mean nothing. */
const CLOCK_SLACK_MS = 10_000

/**
 * The one judgement of a node's freshness. `catching_up` is no evidence: it is false on a dead consensus too (signing.md 5).
 * Header time is one to two block times old on a healthy node, so the limits are the policy's and not a flat ten seconds.
 */
export function assess(node: Reading<NodeSeen> | undefined, tip: ChainTip | undefined, policy: Policy): Health {
  if (!node || node.kind === "unknown") return { verdict: "unknown", reasons: [node?.reason ?? "was not asked"] }
  const { height, ageMs, peerIds } = node.value
  const reasons: string[] = []
  const behind = tip ? tip.height - height : 0
  if (height === 0) reasons.push("has no block yet")
  else if (ageMs < -CLOCK_SLACK_MS)
    return { verdict: "unknown", reasons: [`its newest block is ${durationText(-ageMs)} in the future: the clocks differ`] }
  // Written so that an age that is not a number counts as stale.
  else if (!(ageMs <= policy.freshnessMs))
    reasons.push(`newest block is ${durationText(ageMs)} old, limit ${durationText(policy.freshnessMs)}`)
  if (reasons.length > 0) return { verdict: "stale", reasons }
  if (behind > policy.maxLagBlocks) reasons.push(`${behind} blocks behind, limit ${policy.maxLagBlocks}`)
  if (peerIds.length === 0) reasons.push("has no peers")
  return reasons.length > 0 ? { verdict: "lagging", reasons } : { verdict: "fresh", reasons: [] }
}

/** True when every node that answers is past the limit: then the chain or our uplink stands still, and no single node is to blame. */
export function everythingIsStale(observed: Observed, policy: Policy): boolean {
  const tip = chainTip(observed)
  return tip !== undefined && tip.ageMs > policy.freshnessMs
}

export function healthOf(observed: Observed, node: string, policy: Policy): Health {
  return assess(observed.nodes.get(node), chainTip(observed), policy)
}

/** Where a node stands on the chain as we see it; undefined when it does not answer. */
export function positionOf(observed: Observed, node: string): { readonly height: number; readonly lagBlocks: number } | undefined {
  const height = valueIn(observed.nodes.get(node))?.height
  const tip = chainTip(observed)
  return height === undefined || !tip ? undefined : { height, lagBlocks: tip.height - height }
}
