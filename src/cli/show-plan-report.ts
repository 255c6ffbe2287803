import type { ContainerDifference, Difference, FileDifference, PlanReport, StepReport } from "../core/plan/plan-report.ts"
import { printable } from "../core/printable.ts"
import { LABEL } from "../core/render/compose.ts"
import { wrappedRow } from "./wrapped-row.ts"

const COLUMNS = 80
/** A file of which more differs is told by its beginning; `--json` has all of it. */
const MAX_LINES_OF_A_FILE = 16
/** A host that is set up gets dozens of files; beyond this they are counted. */
const MAX_NEW = 6

/** What `gonka-ha plan` would do: by host, each step with its cause and what differs, then what that costs. */
export function planReportText(report: PlanReport, savedTo?: string): string {
  const { hosts, moves, heldBack, summary } = report
  const nothing = hosts.length === 0 && moves.length === 0 && heldBack.length === 0
  const lines = [
    ...(nothing ? ["nothing to do: every host matches its files"] : [`Plan for ${report.deployment} on ${printable(report.chain)}`]),
    ...hosts.flatMap(({ host, steps }) => ["", host, ...steps.flatMap((step) => stepLines(host, step))]),
    ...(moves.length > 0 ? ["", "then, one by one", ...moves.flatMap(moveLines)] : []),
    ...(heldBack.length > 0 ? ["", "held back", ...heldBack.flatMap(heldBackLines)] : []),
    ...(nothing ? [] : ["", summaryText(summary)]),
    ...(savedTo === undefined ? [] : [`saved; do it with: gonka-ha apply ${savedTo}`]),
  ]
  return `${lines.join("\n")}\n`
}

function summaryText({ changes, hosts, restarts, moves, heldBack }: PlanReport["summary"]): string {
  const promotions = moves === 0 ? "" : `${counted(moves, "promotion")}, `
  return `${changes} to change on ${counted(hosts, "host")}, ${counted(restarts, "restart")}, ${promotions}${heldBack} held back`
}

function stepLines(host: string, { number, title, cause, differences, restart }: StepReport): string[] {
  const what = title.startsWith(`${host}: `) ? title.slice(host.length + 2) : title
  return [
    ...numbered(String(number).padStart(4), [what, cause]),
    ...differenceLines(differences),
    ...(restart === undefined ? [] : restartLines(`restarts ${restart.service}; cost: ${restart.cost}`)),
  ]
}

function moveLines({ title, cause, differences, cost }: PlanReport["moves"][number]): string[] {
  return [...numbered("", [title, cause]), ...differenceLines(differences), ...restartLines(`cost: ${cost}`)]
}

function heldBackLines({ path, message, fix, differences, restart }: PlanReport["heldBack"][number]): string[] {
  return [
    ...numbered("", [`${path}: ${message}`, ...(fix === undefined ? [] : [`fix: ${fix}`])]),
    ...differenceLines(differences),
    ...(restart === undefined ? [] : restartLines(`a restart of ${restart.service} would cost ${restart.cost}`)),
  ]
}

function numbered(mark: string, paragraphs: readonly string[]): string[] {
  return [...wrappedRow([4, COLUMNS - 6], [[mark], paragraphs])].map((line, index) => (index === 0 ? withMark(mark, line) : line))
}

/** The table trims what stands to the left of a number. */
function withMark(mark: string, line: string): string {
  return `${mark.padEnd(4)}  ${line.slice(6)}`.trimEnd()
}

function restartLines(text: string): readonly string[] {
  return wrappedRow([4, 1, COLUMNS - 9], [[], ["↻"], [text]])
}

function differenceLines(differences: readonly Difference[]): string[] {
  const added = differences.flatMap((each) =>
    each.kind === "secret" ? [`${each.path} (secret)`] : each.kind === "file" && each.change === "new" ? [each.path] : [],
  )
  const isShort = added.length <= MAX_NEW
  return [
    ...(isShort ? added.map((path) => difference(`+ ${path}`)) : [difference(`+ ${counted(added.length, "new file")}`)]),
    ...differences.flatMap((each) =>
      each.kind === "file" && each.change === "changed" ? fileLines(each) : each.kind === "container" ? containerLines(each) : [],
    ),
  ]
}

function fileLines({ path, hunks, unknown }: FileDifference): string[] {
  const telling = (hunks ?? []).filter((hunk) => !hunkOfDigest(hunk))
  const lines = telling.flatMap(({ section, line, removed, added }) => [
    inside(section === undefined ? `line ${line}` : `[${section}] line ${line}`),
    ...pairs(removed, added),
  ])
  const rest = lines.length - MAX_LINES_OF_A_FILE
  return [
    difference(`~ ${path}`),
    ...(unknown === undefined ? [] : [inside(`which lines is not known: ${unknown}`)]),
    ...(hunks !== undefined && telling.length === 0 ? [inside("only digests, which follow from other files")] : []),
    ...(rest > 1 ? [...lines.slice(0, MAX_LINES_OF_A_FILE), inside(`… and ${counted(rest, "more line")}; --json has all`)] : lines),
  ]
}

/** A service's digest in compose.yaml changes with each file that the service mounts; that file is told of by itself. */
function hunkOfDigest({ removed, added }: NonNullable<FileDifference["hunks"]>[number]): boolean {
  return [...removed, ...added].every((line) => line.trimStart().startsWith(`${LABEL.digest}: `))
}

function containerLines({ service, digest, keys, files, unknown }: ContainerDifference): string[] {
  const settings = (keys ?? []).flatMap(({ key, before, after }) => [
    inside(`${key}:`),
    ...pairs(before === undefined ? [] : [before], after === undefined ? [] : [after]),
  ])
  return [
    difference(`~ container ${service}: digest ${digest.running.slice(0, 12) || "none"} -> ${digest.rendered.slice(0, 12)}`),
    ...settings,
    ...files.map((path) => inside(`mounts ${path}`)),
    ...(unknown === undefined ? [] : [inside(`which settings is not known: ${unknown}`)]),
  ]
}

function difference(text: string): string {
  return `      ${clipped(text, 0, COLUMNS - 6)}`
}

function inside(text: string): string {
  return `        ${clipped(text, 0, COLUMNS - 8)}`
}

/** Long lines that begin alike are shown from shortly before the place where they part. */
function pairs(removed: readonly string[], added: readonly string[]): string[] {
  const room = COLUMNS - 10
  const start = (index: number) => {
    const [old = "", now = ""] = [removed[index], added[index]].map((text) => printable(text ?? ""))
    return Math.max(old.length, now.length) <= room ? 0 : Math.max(0, commonStart(old, now) - 20)
  }
  return [
    ...removed.map((text, index) => `        - ${clipped(text, start(index), room)}`),
    ...added.map((text, index) => `        + ${clipped(text, start(index), room)}`),
  ].map((line) => line.trimEnd())
}

function commonStart(old: string, now: string): number {
  const index = Array.from(old).findIndex((character, at) => character !== Array.from(now)[at])
  return index < 0 ? old.length : index
}

function clipped(text: string, start: number, room: number): string {
  const characters = Array.from(printable(text))
  const shown = start === 0 ? characters : ["…", ...characters.slice(start)]
  return shown.length > room ? `${shown.slice(0, room - 1).join("")}…` : shown.join("")
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`
}
