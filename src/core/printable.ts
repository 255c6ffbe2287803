/** Control and format characters, line and paragraph separators: what moves the cursor, colours, or turns the direction of writing. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** Text of a host on one line, with every character that a terminal would act upon written out: `\x1b[2J`. */
export function printable(text: string): string {
  return text.replaceAll("\t", "  ").replaceAll(UNPRINTABLE, (character) => {
    const code = character.codePointAt(0) ?? 0
    return code <= 0xff ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`
  })
}
