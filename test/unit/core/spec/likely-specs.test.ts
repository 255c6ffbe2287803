import { expect, it } from "vitest"
import { likelySpecText } from "../../../support/random-spec.ts"
import { tryRandomSpecs } from "../../../support/random-spec-property.ts"

it("random specs that may well be right never crash the validator, and accepted ones render to what they mean", () => {
  const accepted = tryRandomSpecs(likelySpecText, 3500)
  // With too few of them, the half of the test that is about rendering would mean little.
  expect(accepted).toBeGreaterThan(0.5)
}, 900_000)
