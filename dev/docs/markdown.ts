/** What stands first in a page, so that nobody mends the page instead of its source. */
export function madeFrom(...sources: readonly string[]): string {
  return `<!-- Made by \`npm run docs\` from ${sources.join(" and ")}. Change those. -->`
}

export function page(...parts: readonly string[]): string {
  return `${parts.join("\n\n")}\n`
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.map(cell).join(" | ")} |`).join("\n")
}

export function fenced(language: string, text: string): string {
  return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``
}

export function code(text: string): string {
  return `\`${text}\``
}

/** As it is written in YAML, where a version such as 0.12 would be a number without quotes. */
export function yamlCode(value: unknown): string {
  return code(typeof value === "string" && /^[\d.]+$/.test(value) ? `"${value}"` : String(value))
}

/** Text of the code's as Markdown: what is not between backticks is no markup. */
export function plainText(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll(/[<>*[\]\\]|(?<!\w)_|_(?!\w)/g, (sign) => `\\${sign}`)))
    .join("")
}

/** Where GitHub puts the anchor of a heading. */
export function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-")
}

/** One paragraph in lines of at most 120 columns. */
export function paragraph(text: string, first = "", indent = first): string {
  const lines: string[] = []
  let line = first
  let isEmpty = true
  for (const word of text.split(/\s+/)) {
    if (!isEmpty && line.length + 1 + word.length > COLUMNS) {
      lines.push(line)
      line = indent
      isEmpty = true
    }
    line += isEmpty ? word : ` ${word}`
    isEmpty = false
  }
  return [...lines, line].join("\n")
}

const COLUMNS = 120

/** A pipe would end the cell, also between backticks. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|")
}
