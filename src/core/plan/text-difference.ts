import { structuredPatch } from "diff"

/** Neighbouring lines that differ. */
export type Hunk = {
  /** Where it begins in the rendered file, from 1. */
  readonly line: number
  /** The table of a TOML file, or the service of a compose file, that it lies in; undefined before the first, and in other files. */
  readonly section: string | undefined
  readonly removed: readonly string[]
  readonly added: readonly string[]
}

/** Beyond it the two have little in common, and comparing them takes ever longer. */
const MAX_CHANGED_LINES = 1000

/** How the rendered text differs from the installed one, line by line; undefined when so much differs that lines tell nothing. */
export function textDifference(path: string, installed: string, rendered: string): readonly Hunk[] | undefined {
  const patch = structuredPatch("", "", installed, rendered, undefined, undefined, { context: 0, maxEditLength: MAX_CHANGED_LINES })
  if (patch === undefined) return undefined
  const [before, after] = [installed.split("\n"), rendered.split("\n")]
  return patch.hunks.map(({ oldStart, newStart, newLines, lines }) => ({
    line: newStart,
    section: newLines === 0 ? sectionAt(path, before, oldStart) : sectionAt(path, after, newStart),
    removed: lines.filter((line) => line.startsWith("-")).map((line) => line.slice(1)),
    added: lines.filter((line) => line.startsWith("+")).map((line) => line.slice(1)),
  }))
}

function sectionAt(path: string, lines: readonly string[], line: number): string | undefined {
  const heading = path.endsWith(".toml") ? /^\[+([^\]]+)\]+\s*$/ : path.endsWith("compose.yaml") ? /^ {2}([^\s:#]+):\s*$/ : undefined
  if (heading === undefined) return undefined
  return lines
    .slice(0, line)
    .reverse()
    .flatMap((text) => heading.exec(text)?.[1] ?? [])[0]
}
