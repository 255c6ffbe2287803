import { availableParallelism } from "node:os"
import { expect, it } from "vitest"
import { replaced } from "../../dev/schedules/bundle.ts"
import { survivors } from "../../dev/schedules/mutate.ts"
import { GATES } from "./gates.ts"

const TIMEOUT_MS = 1_800_000
const SCHEDULES = 3000

it(
  "notices when any of the gates is taken away",
  async () => {
    const left = await survivors(GATES, SCHEDULES, availableParallelism(), () => {})
    expect(left.map(({ name }) => name)).toEqual([])
  },
  TIMEOUT_MS,
)

it.each(["", "the gate and the gate"])("takes no gate for removed that is not found exactly once: %j", (contents) => {
  expect(() => replaced(contents, { file: "a.ts", remove: "the gate", put: "" })).toThrow("must stand there once")
})
