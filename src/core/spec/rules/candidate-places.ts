import type { Spec } from "../schema.ts"

export type CandidatePlace = {
  readonly validator: string
  readonly node: string
  readonly path: readonly (string | number)[]
}

/** Every mention of a candidate, in the order of the file. */
export function candidatePlaces(validators: Spec["validators"]): readonly CandidatePlace[] {
  return Object.entries(validators).flatMap(([validator, { candidates }]) => {
    const path = ["validators", validator, "candidates"]
    return Array.isArray(candidates)
      ? candidates.map((node, index) => ({ validator, node, path: [...path, index] }))
      : Object.keys(candidates).map((node) => ({ validator, node, path: [...path, node] }))
  })
}
