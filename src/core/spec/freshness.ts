import { MIN_FRESHNESS_MS } from "./built-in.ts"

/** The age at which a node's newest block makes it stale, where nobody has written one. */
export function freshnessByDefaultMs(blockMs: number): number {
  return Math.max(MIN_FRESHNESS_MS, 3 * blockMs)
}
