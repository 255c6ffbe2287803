import type { LogLine } from "./log-line.ts"

/** Lines of one source, oldest first, as they come. */
export type Lines = AsyncIterator<readonly LogLine[]>

/**
 * The lines of several sources in the order of their times. Of each source no more is held than the batch that it gave last; a line
 * without a time follows the one before it.
 */
export async function* merged(sources: readonly Lines[]): AsyncGenerator<LogLine> {
  const heads = (await Promise.all(sources.map(nextHead))).filter((head) => head !== undefined)
  while (heads.length > 0) {
    const earliest = heads.reduce((best, head) => (head.time < best.time ? head : best))
    const line = earliest.batch[earliest.index]
    if (line !== undefined) yield line
    if (!(await advance(earliest))) heads.splice(heads.indexOf(earliest), 1)
  }
}

type Head = { readonly lines: Lines; batch: readonly LogLine[]; index: number; time: string }

async function nextHead(lines: Lines): Promise<Head | undefined> {
  const head: Head = { lines, batch: [], index: -1, time: "" }
  return (await advance(head)) ? head : undefined
}

/** False when there is nothing more. */
async function advance(head: Head): Promise<boolean> {
  head.index++
  while (head.index >= head.batch.length) {
    const next = await head.lines.next()
    if (next.done) return false
    head.batch = next.value
    head.index = 0
  }
  head.time = head.batch[head.index]?.time ?? head.time
  return true
}
