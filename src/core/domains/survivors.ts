import { QUERY_SERVICES, type QueryService } from "../topology.ts"
import type { Members } from "./members.ts"

/** What runs before or after a loss. Everything that refers to a name that does not exist is left out. */
export type Survivors = {
  readonly sentries: readonly string[]
  readonly validators: readonly { readonly name: string; readonly signer: boolean; readonly candidates: readonly string[] }[]
  readonly apis: readonly {
    readonly name: string
    readonly role: "manager" | "public"
    readonly runs: boolean
    readonly upstreams: readonly string[]
  }[]
  readonly edges: readonly {
    readonly name: string
    readonly runs: boolean
    readonly sentries: Readonly<Record<QueryService, readonly string[]>>
  }[]
}

export function survivorsOf({ nodes, validators, apis, edges }: Members, lostHosts: ReadonlySet<string>): Survivors {
  const alive = new Map(nodes.filter(({ host }) => host === undefined || !lostHosts.has(host)).map(({ name, role }) => [name, role]))
  const sentries = [...alive].filter(([, role]) => role === "sentry").map(([name]) => name)
  const stay = (names: readonly string[]) => names.filter((name) => alive.has(name))
  return {
    sentries,
    validators: validators.map(({ name, candidates, signerHost }) => ({
      name,
      signer: !lostHosts.has(signerHost),
      candidates: stay(candidates),
    })),
    apis: apis.map(({ name, role, host, upstreams }) => ({ name, role, runs: !lostHosts.has(host), upstreams: stay(upstreams) })),
    edges: edges.map(({ name, host, grpcPort, sentries: behind }) => ({
      name,
      runs: !lostHosts.has(host),
      sentries: { rpc: stay(behind.rpc), rest: stay(behind.rest), grpc: grpcPort === undefined ? [] : stay(behind.grpc) },
    })),
  }
}

/** Sentries that users reach through an entry point that runs. */
export function publicSentries({ edges }: Survivors, service: QueryService): readonly string[] {
  return [...new Set(edges.filter(({ runs }) => runs).flatMap(({ sentries }) => sentries[service]))].sort()
}

/** What users can ask for. */
export function publicServices(survivors: Survivors): readonly QueryService[] {
  return QUERY_SERVICES.filter((service) => publicSentries(survivors, service).length > 0)
}
