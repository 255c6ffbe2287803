import { expect, it } from "vitest"
import type { StateFile } from "../../../../src/core/observe/state.ts"
import { stateProblem } from "../../../../src/core/observe/state-problem.ts"
import { aTopology, seenSignerFiles, theValidator } from "../../../support/observed.ts"

const ok: StateFile = { kind: "ok", state: { height: 1000, round: 0, step: 2 }, sealed: false }
const files = (state: StateFile, floor: number | undefined) => seenSignerFiles(theValidator(aTopology()), "node-1", { state, floor })

it.each([
  { name: "above its floor", seen: files(ok, 900), message: undefined },
  { name: "at its floor", seen: files(ok, 1000), message: undefined },
  { name: "below its floor", seen: files(ok, 1001), message: /below its recorded floor 1001: it was rolled back/ },
  { name: "without a floor", seen: files(ok, undefined), message: /no floor is recorded/ },
  { name: "damaged", seen: files({ kind: "damaged", reason: "it is not JSON" }, 0), message: /damaged: it is not JSON/ },
  { name: "missing", seen: files({ kind: "missing" }, 0), message: /missing/ },
  { name: "not there at all", seen: undefined, message: /missing/ },
])("a state $name", ({ seen, message }) => {
  const problem = stateProblem(seen)
  if (message === undefined) expect(problem).toBeUndefined()
  else expect(problem?.message).toMatch(message)
})
