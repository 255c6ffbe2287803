import type { DomainKind, FailureDomain } from "../core/domains/failure-domain.ts"
import type { FailureReport, Loss } from "../core/domains/failure-report.ts"
import type { Verdict } from "../core/domains/stop.ts"
import { type Cell, wrappedRow } from "./wrapped-row.ts"

/** A table of at most 80 columns, and under it what it means for a gate. */
export function domainsText(report: FailureReport): string {
  const rows = sameLosses(report.losses).flatMap((losses) => [...wrappedRow(WIDTHS, cells(losses)), ""])
  const notes = [conclusion(report), ...unplaced(report, "provider"), ...unplaced(report, "site")]
  return `${[...wrappedRow(WIDTHS, HEAD), "", ...rows, ...notes.flatMap((note) => wrappedRow([COLUMNS], [[note]]))].join("\n")}\n`
}

const HEAD: readonly Cell[] = [["LOSS OF"], ["STOPS"], ["WHY, AND WHAT IS LEFT"]]
const COLUMNS = 80
const WIDTHS = [20, 18, 38] as const

/** What a loss stops, in words. */
export const VERDICT_TEXT: Readonly<Record<Verdict, string>> = {
  "signing-for-good": "signing for good",
  "signing-until-signer-replace": "signing until signer replace",
  "signing-until-promote": "signing until promote",
  api: "api",
  "public-rpc": "public RPC",
  nothing: "nothing",
}

/** Domains with the same hosts are lost by the same accident: one row tells it all. */
export function sameLosses(losses: readonly Loss[]): readonly (readonly [Loss, ...Loss[]])[] {
  const rows = new Map<string, [Loss, ...Loss[]]>()
  for (const loss of losses) {
    const key = loss.domain.hosts.join(" ")
    const row = rows.get(key)
    if (row) row.push(loss)
    else rows.set(key, [loss])
  }
  return [...rows.values()]
}

function cells(losses: readonly [Loss, ...Loss[]]): readonly Cell[] {
  const [{ domain, verdict, stops, reduced }] = losses
  const hosts = domain.hosts.length > 1 ? [`(${domain.hosts.join(", ")})`] : []
  const left = reduced.map((item) => `${item.what} ${item.left} of ${item.of}`).join(", ")
  return [
    [...losses.map((loss) => domainName(loss.domain)), ...hosts],
    [VERDICT_TEXT[verdict]],
    [...stops.map(({ reason }) => reason), ...(left === "" ? [] : [`left: ${left}`])],
  ]
}

export function domainName({ kind, name, provider, site }: FailureDomain): string {
  const within = kind === "host" ? [] : [provider, site]
  return [kind, ...within.filter((place) => place !== undefined).map((place) => `${place},`), name].join(" ")
}

export function conclusion({ losses, verdict }: FailureReport): string {
  if (verdict !== "signing-for-good") return "No single loss in this table stops signing for good."
  const names = losses.filter((loss) => loss.verdict === "signing-for-good").map(({ domain }) => domainName(domain))
  return `Signing stops until something is repaired or newly built when one of these is lost: ${names.join("; ")}.`
}

function unplaced({ unplaced, losses }: FailureReport, place: Extract<DomainKind, "provider" | "site">): readonly string[] {
  const hosts = unplaced[place]
  if (hosts.length === 0) return []
  const all = losses.filter(({ domain }) => domain.kind === "host").length === hosts.length
  return all
    ? [`No host names its ${place}, so the loss of one is not in this table: write \`${place}\` at each host.`]
    : [`The table does not know the ${place} of ${hosts.join(", ")}: write \`${place}\` at each host.`]
}
