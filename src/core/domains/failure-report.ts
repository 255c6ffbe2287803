import { type DomainKind, type FailureDomain, failureDomains } from "./failure-domain.ts"
import type { Members } from "./members.ts"
import { type Reduced, reducedBy } from "./redundancy.ts"
import { rankOf, type Stop, type Verdict, worstOf } from "./stop.ts"
import { stopsOf } from "./stops.ts"
import { survivorsOf } from "./survivors.ts"

/** What happens when one failure domain is lost. */
export type Loss = {
  readonly domain: FailureDomain
  /** The worst of what it stops. */
  readonly verdict: Verdict
  readonly stops: readonly Stop[]
  readonly reduced: readonly Reduced[]
}

export type FailureReport = {
  readonly verdict: Verdict
  /** The worst first; equally bad ones from the smallest domain to the largest. */
  readonly losses: readonly Loss[]
  /** Hosts that do not say where they are: the loss of that place cannot be judged. */
  readonly unplaced: Readonly<Record<Extract<DomainKind, "provider" | "site">, readonly string[]>>
}

/** What the loss of each host, rack, site and provider stops, one at a time. */
export function failureReport(members: Members): FailureReport {
  const before = survivorsOf(members, new Set())
  const losses = failureDomains(members.hosts).map((domain): Loss => {
    const after = survivorsOf(members, new Set(domain.hosts))
    const stops = stopsOf(before, after)
    return { domain, verdict: worstOf(stops.map(({ kind }) => kind)), stops, reduced: reducedBy(before, after) }
  })
  const without = (place: "provider" | "site") => members.hosts.filter((host) => host[place] === undefined).map(({ name }) => name)
  return {
    verdict: worstOf(losses.map(({ verdict }) => verdict)),
    // Sorting is stable: equally bad losses stay in the order of their domains.
    losses: losses.sort((a, b) => rankOf(a.verdict) - rankOf(b.verdict)),
    unplaced: { provider: without("provider"), site: without("site") },
  }
}
