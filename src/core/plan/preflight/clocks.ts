import { durationText } from "../../duration.ts"
import type { Issue } from "../../issue.ts"
import { chainTip } from "../../observe/health.ts"
import { type HostClock, type Observed, type Reading, valueIn } from "../../observe/state.ts"
import { nodeOf, type Topology, type Validator } from "../../topology.ts"
import type { PreflightFacts, Verb } from "./facts.ts"
import { refuseIfPlanned } from "./refusal.ts"

const LEAST_LIMIT_MS = 2000

/**
 * How far a clock may be off: one block. Votes carry the time of the node that asks for them, and the chain's own time is the median
 * of theirs; ages of blocks, by which nodes are judged, are no better than the clock that they are measured with.
 */
export function clockLimitMs(topology: Topology): number {
  return Math.max(LEAST_LIMIT_MS, topology.chain.blockMs)
}

/** Whether an answer came quickly enough to judge by it. */
export function isReadWell(topology: Topology, { withinMs }: HostClock): boolean {
  return withinMs <= clockLimitMs(topology) / 2
}

/**
 * The clocks of the signer's and the target's host, against the middle of all clocks, ours among them, and against the chain: a block
 * cannot come from the future. That a clock is ahead of the chain shows as an old newest block, which freshness judges.
 */
export function clockReasons(
  topology: Topology,
  observed: Observed,
  validator: Validator,
  to: string,
  verb: Verb,
  { clocks }: PreflightFacts,
): Issue[] {
  const clockOf = (host: string): Reading<HostClock> | undefined => clocks.get(host) ?? valueIn(observed.hosts.get(host))?.clock
  const limit = clockLimitMs(topology)
  // A clock that was read too slowly says little about its own host, and nothing about another one.
  const known = topology.hosts.flatMap(({ name }) => {
    const clock = valueIn(clockOf(name))
    return clock && isReadWell(topology, clock) ? clock.offsetMs : []
  })
  const middles = middlesOf([0, ...known])
  const tip = chainTip(observed)
  const hosts = new Set([validator.signerHost, nodeOf(topology, to).host])
  return [...hosts].flatMap((host) => {
    const clock = clockOf(host)
    // That a host does not answer is told where it matters.
    if (!clock) return []
    const speak = refuseIfPlanned(verb)
    if (clock.kind === "unknown") return [speak(host, `its clock is not known: ${clock.reason}`, "look with `date` on the host")]
    const { offsetMs, withinMs } = clock.value
    const differences = middles.map((middle) => offsetMs - middle)
    const worst = differences.reduce((most, each) => (Math.abs(each) > Math.abs(most) ? each : most), 0)
    const inStep = "bring its clock into step, for example with chrony or systemd-timesyncd"
    if (Math.abs(worst) - withinMs > limit)
      return [speak(host, `its clock is ${awayText(worst)} the other clocks, limit ${durationText(limit)}`, inStep)]
    if (tip && -(tip.ageMs + offsetMs) - withinMs > limit)
      return [
        speak(
          host,
          `its clock is ${awayText(tip.ageMs + offsetMs)} the chain's newest block, limit ${durationText(limit)}`,
          `${inStep}; if every host says so, ours too`,
        ),
      ]
    return Math.abs(worst) + withinMs > limit
      ? [
          speak(
            host,
            `its clock is known to ${durationText(withinMs)} only, since it answers so slowly, limit ${durationText(limit)}`,
            "try again; if it stays slow, look at the way to the host",
          ),
        ]
      : []
  })
}

/** The middle value, or both middle values when the count is even: where half of the clocks say one thing and half another, neither is right. */
export function middlesOf(offsets: readonly number[]): readonly number[] {
  const sorted = [...offsets].sort((a, b) => a - b)
  return [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]].filter((middle) => middle !== undefined)
}

function awayText(ms: number): string {
  return `${durationText(Math.abs(ms))} ${ms > 0 ? "ahead of" : "behind"}`
}
