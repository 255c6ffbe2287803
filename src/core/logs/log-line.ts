import { printable } from "../printable.ts"
import type { CutLine } from "./line-cutter.ts"

/** One line of a container's log. */
export type LogLine = {
  /** The node, or what else writes it. */
  readonly source: string
  /** When the engine took it, in UTC; undefined where it does not say. */
  readonly time: string | undefined
  /** Safe to show. */
  readonly text: string
  /** Characters at its end that are left out. */
  readonly lostChars: number
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken away
const COLOURS = /\u001b\[[0-9;:]*m/g

/** A line as the engine prints it with its time before it. Colours are taken away; what else a terminal would obey is written out. */
export function logLine(source: string, { text, lostChars }: CutLine): LogLine {
  const [, time, rest] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*Z)(?: (.*))?$/s.exec(text) ?? []
  return { source, time, text: printable((time === undefined ? text : (rest ?? "")).replace(COLOURS, "")), lostChars }
}
