import { expect, it } from "vitest"
import { unlikelySpecText } from "../../../support/random-spec.ts"
import { tryRandomSpecs } from "../../../support/random-spec-property.ts"

it("random specs that are mostly wrong never crash the validator, and accepted ones render to what they mean", () => {
  const accepted = tryRandomSpecs(unlikelySpecText, 6500)
  expect(accepted).toBeGreaterThan(0.04)
  expect(accepted).toBeLessThan(0.5)
}, 900_000)
