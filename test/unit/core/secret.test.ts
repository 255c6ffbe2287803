import { inspect } from "node:util"
import { expect, it } from "vitest"
import { Secret } from "../../../src/core/secret.ts"

const SENTINEL = "sentinel-4711"

it("shows itself to nobody who does not ask by name", () => {
  const secret = new Secret(SENTINEL)
  const ways = [`${secret}`, String(secret), JSON.stringify({ secret }), inspect({ secret }, { showHidden: true, depth: 9 })]
  for (const text of ways) expect(text).not.toContain(SENTINEL)
  expect(Object.keys(secret)).toEqual([])
  expect(secret.expose()).toBe(SENTINEL)
})
