import type { Spec } from "../schema.ts"

/** The sentries that an entry point names, or all where it names none. */
export function listedSentries(spec: Spec, edge: NonNullable<Spec["edge"]>[string]): readonly string[] {
  return edge.sentries ?? Object.keys(spec.sentries)
}
