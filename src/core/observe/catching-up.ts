import { leftMs, leftText, paceOf, rateText, type Sample } from "./pace.ts"

export type Behind = {
  readonly height: number
  /** Of its newest block. */
  readonly ageMs: number
  /** The newest height that any of our nodes has, the node itself included; undefined when none answers. */
  readonly tip: number | undefined
  readonly blockMs: number
}

/** How many blocks a node is behind, and how that is known. */
type Remaining = { readonly blocks: number; readonly goal: string }

/**
 * How a node that is behind gets on: `height 1200 of 5400, 85 blocks/s, about 50s left`.
 * @param samples its heights of the last moments
 * @returns undefined for one that is at the tip as far as anybody can tell
 */
export function catchingUpText(behind: Behind, samples: readonly Sample[]): string | undefined {
  const remaining = remainingOf(behind)
  if (remaining === undefined) return undefined
  const pace = paceOf(samples)
  const head = `height ${behind.height} of ${remaining.goal}`
  if (pace === undefined) return `${head}, ${remaining.blocks} to go`
  if (pace.perSecond <= 0) return `${head}, ${remaining.blocks} to go, no block for ${Math.round(pace.overMs / 1000)}s`
  const left = leftMs(remaining.blocks, pace, 1000 / behind.blockMs)
  return `${head}, ${rateText(pace.perSecond)} blocks/s, ${leftText(left)}`
}

/** Where no other node is further, the age of its newest block tells: a chain makes one block every so often. */
function remainingOf({ height, ageMs, tip, blockMs }: Behind): Remaining | undefined {
  if (tip !== undefined && tip - height > ALMOST_THERE_BLOCKS) return { blocks: tip - height, goal: String(tip) }
  const byAge = Math.round(ageMs / blockMs)
  return byAge > ALMOST_THERE_BLOCKS ? { blocks: byAge, goal: `about ${height + byAge}` } : undefined
}

/** The newest block of a node that is well is one to two block times old, and a look takes its time. */
const ALMOST_THERE_BLOCKS = 4
