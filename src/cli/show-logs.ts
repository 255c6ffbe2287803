import type { LogFailure, LogSource } from "../app/logs.ts"
import type { LogLine } from "../core/logs/log-line.ts"
import { printable } from "../core/printable.ts"

/** Lines of logs as text: with several sources the name of each before its lines, and for programs one JSON object on each. */
export function logText(sources: readonly LogSource[], form: "lines" | "json"): (lines: readonly LogLine[]) => string {
  const one = form === "json" ? jsonLine : textLine(sources)
  return (lines) => lines.map((line) => `${one(line)}\n`).join("")
}

export function failureText({ source, host, reason }: LogFailure): string {
  return `✗ ${source}: its log on ${host} could not be read: ${printable(reason)}\n`
}

function textLine(sources: readonly LogSource[]): (line: LogLine) => string {
  const width = Math.max(...sources.map(({ source }) => source.length))
  return ({ source, text, lostChars }) => {
    const cut = lostChars > 0 ? ` … and ${lostChars} characters more` : ""
    return `${sources.length > 1 ? `${source.padEnd(width)} | ` : ""}${text}${cut}`
  }
}

/** A log may have no end, so that every line is an answer of its own. */
function jsonLine({ source, time, text, lostChars }: LogLine): string {
  return JSON.stringify({ schema: "gonka-ha/log-line/v1", source, time: time ?? null, text, lostChars })
}
