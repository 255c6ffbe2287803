export const COLUMNS = 80

/** Breaks a sentence at blanks, and a word only where it is longer than a line; later lines are indented under the first word. */
export function wrapped(mark: string, sentence: string): string[] {
  const room = COLUMNS - mark.length
  const lines: string[] = []
  for (const word of sentence.split(/\s+/).flatMap((text) => pieces(text, room))) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= room) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines.map((line, index) => `${index === 0 ? mark : " ".repeat(mark.length)}${line}`)
}

/** The same for a whole text: lines that are too long are broken, and go on under the words that follow their number or mark. */
export function withinColumns(text: string): string {
  return text
    .split("\n")
    .flatMap((line) => {
      if (Array.from(line).length <= COLUMNS) return [line]
      const [mark = ""] = /^ *(?:\d+ {2}|[✓✗⚠] )?/.exec(line) ?? []
      return wrapped(mark, line.slice(mark.length))
    })
    .join("\n")
}

function pieces(word: string, room: number): string[] {
  return word.match(new RegExp(`.{1,${room}}`, "gu")) ?? []
}
