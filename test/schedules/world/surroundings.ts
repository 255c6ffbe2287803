import type { Topology } from "../../../src/core/topology.ts"
import type { Random } from "../random.ts"
import type { Timeline } from "./timeline.ts"

/** What every part of the world has around it. */
export type Surroundings = {
  readonly seed: number
  readonly topology: Topology
  readonly timeline: Timeline
  /** For delays; what the chain is like comes from `fate`. */
  readonly random: Random
  /** A line of the story: who, and what happened. */
  note(who: string, what: string): void
  /** Something that must never happen, has. */
  violation(kind: string, what: string): void
}
