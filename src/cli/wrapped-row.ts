/** Paragraphs; each begins on a line of its own. */
export type Cell = readonly string[]

const GAP = 2

/**
 * One row of a table as lines: cells are broken at blanks, and inside a word only where it is longer than its column.
 *
 * @param widths of the columns, without the gap of two between them
 */
export function wrappedRow(widths: readonly number[], cells: readonly Cell[]): readonly string[] {
  const columns = widths.map((width, index) => ({ width, lines: (cells[index] ?? []).flatMap((paragraph) => broken(paragraph, width)) }))
  const height = Math.max(0, ...columns.map(({ lines }) => lines.length))
  return Array.from({ length: height }, (_, line) => {
    const texts = columns.map(({ width, lines }) => (lines[line] ?? "").padEnd(width + GAP))
    return texts.join("").trimEnd()
  })
}

function broken(paragraph: string, width: number): readonly string[] {
  const lines: string[] = []
  const words = printable(paragraph).split(" ")
  for (const word of words.flatMap((text) => pieces(text, width))) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

/** Free text of a file may hold line breaks and terminal codes; they would tear the table. */
function printable(text: string): string {
  return text.replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, " ").trim()
}

function pieces(word: string, width: number): readonly string[] {
  return word.match(new RegExp(`.{1,${width}}`, "gu")) ?? []
}
