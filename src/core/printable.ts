/** Control and format characters, line and paragraph separators: what moves the cursor, colours, or turns the direction of writing. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** Text of a host on one line, with every character that a terminal would act upon written out: `\x1b[2J`. */
export function printable(text: string): string {
  return text.replaceAll("\t", "  ").replaceAll(UNPRINTABLE, (character) => {
    const code = character.codePointAt(0) ?? 0
    return code <= 0xff ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`
  })
}

/** The same for text of several lines: line ends and tabs stay. */
export function harmless(text: string): string {
  return text.replaceAll(UNPRINTABLE, (character) => (character === "\n" || character === "\t" ? character : printable(character)))
}

/** JSON says the same with everything written out that a terminal would act upon; only line ends between its parts stay. */
export function harmlessJson(json: string): string {
  return json.replaceAll(UNPRINTABLE, (character) => {
    if (character === "\n") return character
    const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("")
  })
}

/** Every text inside of a value, printable; the names in it, too. */
export function printableIn(value: unknown): unknown {
  if (typeof value === "string") return printable(value)
  if (Array.isArray(value)) return value.map(printableIn)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [printable(name), printableIn(part)]))
}
