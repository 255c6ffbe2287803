import type { SignedLine } from "./signed-line.ts"

/** A height that was signed through one node, as two say who know nothing of each other. */
export type SignedAt = {
  /** From the signer's log; undefined when the log that is left says nothing of it. */
  readonly log?: number | undefined
  /** From the chain's canonical commits; undefined when no commit that was read carries our signature there. */
  readonly commits?: number | undefined
  /**
   * Whether the signer's log has the signature of the commit, given to that node. A later (or, at the new node, an earlier) height in
   * the log is a vote that came too late for its commit: a missed block, and no contradiction.
   */
  readonly agree: boolean | "unknown"
}

/** The last height up to the stopped signer's state that was signed through the old node. */
export function lastThroughOld(commits: number | undefined, log: readonly SignedLine[], node: string | undefined, stoppedHeight: number) {
  const heights = throughNode(log, node).filter((height) => height <= stoppedHeight)
  return signedAt(commits, heights.length === 0 ? undefined : Math.max(...heights), log, node)
}

/** The first height above the stopped signer's state that was signed through the new node. */
export function firstThroughNew(commits: number | undefined, log: readonly SignedLine[], node: string | undefined, stoppedHeight: number) {
  const heights = throughNode(log, node).filter((height) => height > stoppedHeight)
  return signedAt(commits, heights.length === 0 ? undefined : Math.min(...heights), log, node)
}

function throughNode(log: readonly SignedLine[], node: string | undefined): number[] {
  return log.filter(({ through, isForBlock }) => through === node && isForBlock).map(({ height }) => height)
}

function signedAt(
  commits: number | undefined,
  fromLog: number | undefined,
  log: readonly SignedLine[],
  node: string | undefined,
): SignedAt {
  return { log: fromLog, commits, agree: commits === undefined || node === undefined ? "unknown" : has(log, commits, node) }
}

/** A log that does not reach back to the height, because its container was made anew since, cannot deny it. */
function has(log: readonly SignedLine[], height: number, node: string): boolean | "unknown" {
  const there = log.filter((line) => line.height === height && line.isForBlock)
  if (there.length > 0) return there.some(({ through }) => through === node)
  return log.some((line) => line.height < height) ? false : "unknown"
}
