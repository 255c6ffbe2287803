import { AREA_TITLES, AREAS, type Check } from "../core/doctor/check.ts"
import type { Cell, DoctorReport, Examined, Finding, Verdict } from "../core/doctor/doctor-report.ts"
import { wrappedRow } from "./wrapped-row.ts"

const MARK: Readonly<Record<Verdict, string>> = { ok: "✓", warn: "⚠", bad: "✗", unknown: "?" }

/** Mark and word, then what is asked: 80 columns with the gap of two. */
const HEAD = [9, 69] as const
/** Under a check that has found something: the indent, then name and value. */
const DETAIL = [9, 9, 58] as const

/** Every check in one line, and under those that found something what that is, what would be right, and what to do. */
export function doctorText({ deployment, chain, checks, count, matrix }: DoctorReport, options: { readonly matrix: boolean }): string {
  const areas = AREAS.flatMap((area) => {
    const own = checks.filter(({ id }) => id.startsWith(`${area}.`))
    return own.length === 0
      ? []
      : ["", AREA_TITLES[area], ...own.flatMap(checkLines), ...(area === "network" && options.matrix ? matrixLines(matrix) : [])]
  })
  return [...wrappedRow([80], [[`${deployment} on ${chain}`]]), ...areas, "", summaryLine(count), ""].join("\n")
}

/** `41 checks: 39 ok, 1 warn, 1 bad`; what does not occur is left out, but for ok. */
export function summaryLine(count: DoctorReport["count"]): string {
  const words = (["ok", "warn", "bad", "unknown"] as const).flatMap((verdict) =>
    verdict === "ok" || count[verdict] > 0 ? [`${count[verdict]} ${verdict}`] : [],
  )
  return `${count.checks === 1 ? "1 check" : `${count.checks} checks`}: ${words.join(", ")}`
}

function checkLines({ id, title, verdict, findings, threshold, fix, recheck }: Examined): readonly string[] {
  // That nothing speaks against it is no proof where there was nothing to look at.
  const idle = findings.length === 0
  const head = wrappedRow(HEAD, [[`${idle ? "·" : MARK[verdict]} ${verdict}`], [`${id}: ${title}${idle ? " (nothing to look at)" : ""}`]])
  const wrong = findings.filter((finding) => finding.verdict !== "ok")
  if (wrong.length === 0) return head
  // Why something is not known is in the finding, and what is not known needs no limit.
  const advice = wrong.some((finding) => finding.verdict !== "unknown")
    ? [detail("limit", threshold), detail("fix", fix), detail("again", recheck)]
    : []
  return [...head, ...together(wrong).flatMap(findingLines), ...advice.flat()]
}

function findingLines(finding: Finding): readonly string[] {
  return wrappedRow([9, 69], [[], [`${MARK[finding.verdict]} ${finding.subject}: ${finding.measured}`]])
}

/** Subjects of which the same is said share a line. */
function together(findings: readonly Finding[]): readonly Finding[] {
  const byWord = new Map<string, Finding>()
  for (const finding of findings) {
    const key = `${finding.verdict} ${finding.measured}`
    const before = byWord.get(key)
    byWord.set(key, before ? { ...before, subject: `${before.subject}, ${finding.subject}` } : finding)
  }
  return [...byWord.values()]
}

function detail(name: string, value: string): readonly string[] {
  return wrappedRow(DETAIL, [[], [name], [value]])
}

const SIGN: Readonly<Record<Cell, string>> = { "as wanted": "✓", open: "✗", closed: "–", unknown: "?", self: "·", nothing: " " }
/** As many columns as fit beside the longest name that a host may have, cut. */
const NAME_WIDTH = 16
const COLUMNS_AT_ONCE = 20

/** Who tries stands at the left, whom at the top, by the numbers of the rows. */
function matrixLines({ hosts, rows }: DoctorReport["matrix"]): readonly string[] {
  const starts = Array.from({ length: Math.ceil(hosts.length / COLUMNS_AT_ONCE) }, (_, index) => index * COLUMNS_AT_ONCE)
  return [
    "",
    ...starts.flatMap((start) => [
      `${"".padEnd(4)}${"from / to".padEnd(NAME_WIDTH)}${hosts
        .slice(start, start + COLUMNS_AT_ONCE)
        .map((_, index) => String(start + index + 1).padStart(3))
        .join("")}`,
      ...hosts.map((host, row) => {
        const cells = (rows[row] ?? []).slice(start, start + COLUMNS_AT_ONCE).map((cell) => SIGN[cell].padStart(3))
        return `${String(row + 1).padStart(3)} ${clip(host).padEnd(NAME_WIDTH)}${cells.join("")}`.trimEnd()
      }),
    ]),
    "    ✓ as it must be   ✗ open, and must be closed   – closed, and must be open",
    "    ? not known",
  ]
}

function clip(name: string): string {
  return name.length < NAME_WIDTH ? name : `${name.slice(0, NAME_WIDTH - 2)}…`
}

/** `gonka-ha doctor --list`: what every check asks, without a look at any host. */
export function checksText(checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ id }) => id.length))
  const lines = AREAS.flatMap((area) => {
    const own = checks.filter(({ id }) => id.startsWith(`${area}.`))
    return own.length === 0
      ? []
      : [
          AREA_TITLES[area],
          ...own.flatMap(({ id, title }) => wrappedRow([width, 76 - width], [[id], [title]]).map((line) => `  ${line}`)),
          "",
        ]
  })
  return [...lines, `${checks.length} checks`, ""].join("\n")
}
