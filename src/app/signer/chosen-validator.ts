import { AppError, EXIT } from "../../core/errors.ts"
import type { Topology, Validator } from "../../core/topology.ts"

/** The validator that is meant; it may be left out where there is only one. @throws AppError USAGE */
export function chosenValidator({ validators }: Pick<Topology, "validators">, wanted: string | undefined): Validator {
  const [only, ...others] = validators
  const chosen = wanted === undefined ? (others.length === 0 ? only : undefined) : validators.find(({ name }) => name === wanted)
  if (chosen) return chosen
  throw new AppError("USAGE", EXIT.usage, wanted === undefined ? "there are several validators" : `there is no validator ${wanted}`, {
    hint: `say --validator with one of: ${validators.map(({ name }) => name).join(", ")}`,
  })
}
