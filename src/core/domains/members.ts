import type { Spec } from "../spec/schema.ts"
import { shapeOf, sortedEntries } from "../spec/shape.ts"
import type { ApiInstance, ChainNode, EdgeEntry, Host, Validator } from "../topology.ts"

/** What can be lost together and what depends on it. A resolved topology is one as it stands. */
export type Members = {
  readonly hosts: readonly Pick<Host, "name" | "provider" | "site" | "rack">[]
  readonly nodes: readonly (Pick<ChainNode, "name" | "role"> & { readonly host: string | undefined })[]
  readonly validators: readonly Pick<Validator, "name" | "candidates" | "signerHost">[]
  readonly apis: readonly Pick<ApiInstance, "name" | "host" | "role" | "upstreams">[]
  readonly edges: readonly Pick<EdgeEntry, "name" | "host" | "grpcPort" | "sentries">[]
}

/**
 * The members of a spec whose keys need not exist, so that it can be judged where no key may ever be.
 *
 * @param spec expanded: no group and no pool is left in it
 */
export function membersOf(spec: Spec): Members {
  const { nodes, validators, apis, edges } = shapeOf(spec)
  return {
    hosts: sortedEntries(spec.hosts).map(([name, { provider, site, rack }]) => ({ name, provider, site, rack })),
    nodes,
    validators: validators.map(({ name, candidates, written }) => ({
      name,
      candidates: candidates.map(({ node }) => node),
      signerHost: written.signer.host,
    })),
    apis,
    edges,
  }
}
