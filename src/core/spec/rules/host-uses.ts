import type { Spec } from "../schema.ts"

/** One place of a spec that names a host. */
export type HostUse = {
  readonly kind: "sentry" | "private node" | "signer" | "api" | "entry point"
  /** Name of the node, the validator, the api instance or the entry point. */
  readonly name: string
  readonly host: string
  readonly path: readonly string[]
}

/** Everything that runs on some host, in the order of the file. */
export function hostUses(spec: Spec): readonly HostUse[] {
  return [
    ...nodeUses("sentry", "sentries", spec.sentries),
    ...nodeUses("private node", "private", spec.private),
    ...Object.entries(spec.validators).map(([name, { signer }]) => ({
      kind: "signer" as const,
      name,
      host: signer.host,
      path: ["validators", name, "signer", "host"],
    })),
    ...Object.entries(spec.api ?? {}).map(([name, { host }]) => ({ kind: "api" as const, name, host, path: ["api", name, "host"] })),
    ...Object.entries(spec.edge ?? {}).map(([name, { host }]) => ({
      kind: "entry point" as const,
      name,
      host,
      path: ["edge", name, "host"],
    })),
  ]
}

/** What one host carries is lost as a whole: rules about sharing a host have nothing to add where there is no other. */
export function hasOneHost(spec: Spec): boolean {
  return new Set(hostUses(spec).map(({ host }) => host)).size === 1
}

function nodeUses(kind: "sentry" | "private node", pool: "sentries" | "private", nodes: Spec["sentries"]): readonly HostUse[] {
  return Object.entries(nodes).flatMap(([name, { host }]) => (host === undefined ? [] : [{ kind, name, host, path: [pool, name, "host"] }]))
}
