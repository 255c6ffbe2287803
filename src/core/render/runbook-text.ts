/** Paragraphs of a runbook, each a block of Markdown. */
export type Paragraphs = readonly string[]

export function shellBlock(...lines: readonly string[]): string {
  return ["```sh", ...lines, "```"].join("\n")
}

export function bullets(...lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join("\n")
}

/** Replaces a small file so that a crash leaves the old or the new one, as gonka-ha itself does it. */
export function writeWord(path: string, word: string): readonly string[] {
  return [`printf '%s\\n' '${word}' > ${path}.new`, `sync ${path}.new`, `mv ${path}.new ${path}`]
}

/** Prints what a node says of itself, one fact a line. */
export function statusOf(rpcPort: number): string {
  return `curl -fsS http://127.0.0.1:${rpcPort}/status | tr ',' '\\n' | grep -E 'latest_block_height|latest_block_time|catching_up'`
}

export function namesOf(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`
}
