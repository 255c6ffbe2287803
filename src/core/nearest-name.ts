const MOST_EDITS = 4

/**
 * The known name that was probably meant by a word that is none of them; undefined when nothing is close. Case, dashes and underscores
 * count for nothing, and neighbouring letters that changed places count as one edit. Of equally close names the first wins.
 */
export function nearestName(word: string, known: Iterable<string>): string | undefined {
  const wanted = folded(word)
  let nearest: string | undefined
  // A third of the letters may be wrong: with more, the guess would puzzle instead of help.
  let limit = Math.min(MOST_EDITS, Math.max(1, Math.floor(wanted.length / 3))) + 1
  for (const name of known) {
    const candidate = folded(name)
    // One letter is an edit away from any other: that says nothing.
    if (Math.max(candidate.length, wanted.length) < 2) continue
    if (Math.abs(candidate.length - wanted.length) >= limit) continue
    const edits = editsBetween(wanted, candidate)
    if (edits < limit) [nearest, limit] = [name, edits]
  }
  return nearest
}

function folded(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, "")
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one word into the other. */
function editsBetween(from: string, to: string): number {
  let beforeLast: readonly number[] = []
  let last: readonly number[] = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row += 1) {
    const current: number[] = [row]
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1]
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      current.push(
        Math.min(
          at(last, column) + 1,
          at(current, column - 1) + 1,
          at(last, column - 1) + (same ? 0 : 1),
          swapped ? at(beforeLast, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
    beforeLast = last
    last = current
  }
  return at(last, to.length)
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY
}
