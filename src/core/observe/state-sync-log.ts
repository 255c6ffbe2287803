/** What the log of a node without blocks tells of its state sync. */
export type StateSyncNews = {
  /** Changes when the sync has got further, and not when only time has passed. */
  readonly progress: string
  readonly text: string
}

/**
 * Reads the last lines of a node's log, oldest first. A state sync has no height: what has been reached stands in the log alone, in the words
 * of CometBFT 0.38's syncer and of our own start of a node.
 * @returns undefined when none of the lines is about it
 */
export function stateSyncNews(lines: readonly string[]): StateSyncNews | undefined {
  for (const line of lines.toReversed()) {
    const refusal = /start-node: (the node does not start: .*)$/.exec(line)?.[1]
    if (refusal !== undefined) return { progress: refusal, text: refusal }
    const text = newsIn(line)
    if (text !== undefined) return { progress: text.replace(/ for \d+ s by now/, ""), text: `state sync: ${text}` }
  }
  return undefined
}

function newsIn(line: string): string | undefined {
  const waits = /start-node: (waiting for a snapshot at a sentry.*)$/.exec(line)?.[1]
  if (waits !== undefined) return waits
  const trusts = /start-node: state sync trusts block (\d+)/.exec(line)?.[1]
  if (trusts !== undefined) return `block ${trusts} is trusted, the node starts`
  const [height, chunk, total] = ["height", "chunk", "total"].map((name) => numberOf(line, name))
  const of = height === undefined ? "" : ` of height ${height}`
  for (const [words, tell] of STAGES) if (line.includes(words)) return tell(of, chunk, total)
  return undefined
}

type Tell = (of: string, chunk: number | undefined, total: number | undefined) => string

const STAGES: readonly (readonly [words: string, tell: Tell])[] = [
  ["Snapshot restored", (of) => `snapshot${of} restored`],
  ["Verified ABCI app", (of) => `snapshot${of} verified`],
  ["Applied snapshot chunk", (of, chunk, total) => `snapshot${of}, ${counted(chunk, total)} applied`],
  ["Fetching snapshot chunk", (of, chunk, total) => `snapshot${of}, ${counted(chunk, total)} on its way`],
  ["Snapshot accepted", (of) => `snapshot${of} accepted`],
  ["napshot rejected", (of) => `snapshot${of} rejected, others are tried`],
  ["rejected snapshot", (of) => `snapshot${of} rejected: its chunks did not come; others are tried`],
  ["Offering snapshot", (of) => `snapshot${of} offered to the application`],
  ["Discovered new snapshot", (of) => `snapshot${of} discovered`],
  ["Discovering snapshots", () => "asking peers for snapshots"],
  ["Starting state sync", () => "begun"],
]

/** CometBFT counts chunks from 0. */
function counted(chunk: number | undefined, total: number | undefined): string {
  if (chunk === undefined) return "a chunk"
  return total === undefined ? `chunk ${chunk + 1}` : `chunk ${chunk + 1}/${total}`
}

/** `name=12`, and `"name":12` in a log that is JSON. */
function numberOf(line: string, name: string): number | undefined {
  const value = new RegExp(`(?:\\b${name}=|"${name}":"?)(\\d{1,15})\\b`).exec(line)?.[1]
  return value === undefined ? undefined : Number(value)
}
