import type { Members } from "./members.ts"

/** From the smallest to the largest. */
const DOMAIN_KINDS = ["host", "rack", "site", "provider"] as const
export type DomainKind = (typeof DOMAIN_KINDS)[number]

/** Hosts that are lost together. */
export type FailureDomain = {
  readonly kind: DomainKind
  readonly name: string
  /** Where it lies: sites of two providers may have the same name. */
  readonly provider: string | undefined
  readonly site: string | undefined
  readonly hosts: readonly string[]
}

type Place = Members["hosts"][number]

/** Every host and everything larger that a host says it is in; the smallest first, then by name. */
export function failureDomains(hosts: readonly Place[]): readonly FailureDomain[] {
  return DOMAIN_KINDS.flatMap((kind) => {
    const domains = new Map<string, FailureDomain>()
    for (const host of hosts) {
      const domain = domainOf(kind, host)
      if (!domain) continue
      const key = JSON.stringify([domain.name, domain.provider, domain.site])
      domains.set(key, { ...domain, hosts: [...(domains.get(key)?.hosts ?? []), host.name].sort() })
    }
    return [...domains].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, domain]) => domain)
  })
}

function domainOf(kind: DomainKind, { name, provider, site, rack }: Place): Omit<FailureDomain, "hosts"> | undefined {
  switch (kind) {
    case "host":
      return { kind, name, provider, site }
    case "rack":
      return rack === undefined ? undefined : { kind, name: rack, provider, site }
    case "site":
      return site === undefined ? undefined : { kind, name: site, provider, site: undefined }
    case "provider":
      return provider === undefined ? undefined : { kind, name: provider, provider: undefined, site: undefined }
  }
}
