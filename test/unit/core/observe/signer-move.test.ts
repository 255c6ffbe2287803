import { describe, expect, it } from "vitest"
import { parseSignerMove } from "../../../../src/core/observe/signer-move.ts"

const RECORD = `run=20261123-120000-promote-main/1795435200000
at=to
state=1001/0/2
stopped_ms=180
started_ms=620
connected_ms=1204
reason=
`

const lines = (changes: Readonly<Record<string, string>>) =>
  RECORD.split("\n")
    .map((line) => {
      const name = line.slice(0, line.indexOf("="))
      return name in changes ? `${name}=${changes[name]}` : line
    })
    .join("\n")

const whole = {
  run: "20261123-120000-promote-main/1795435200000",
  at: "to",
  state: { height: 1001, round: 0, step: 2 },
  stoppedMs: 180,
  startedMs: 620,
  connectedMs: 1204,
  reason: "",
}

describe("the record of a critical section", () => {
  it("is read", () => {
    expect(parseSignerMove(RECORD)).toEqual(whole)
  })

  it("is read in one line, as the probe tells it", () => {
    expect(parseSignerMove(RECORD.replaceAll("\n", " "))).toEqual(whole)
  })

  it.each(["untouched", "to", "from", "stopped", "unclear"])("may end %s", (at) => {
    expect(parseSignerMove(lines({ at }))?.at).toBe(at)
  })

  it("tells what did not happen as unknown, and never as nought", () => {
    expect(parseSignerMove(lines({ at: "untouched", state: "", stopped_ms: "", started_ms: "", connected_ms: "" }))).toMatchObject({
      state: undefined,
      stoppedMs: undefined,
      startedMs: undefined,
      connectedMs: undefined,
    })
  })

  it("takes everything after it for the reason, whatever that looks like", () => {
    const reason = "the guard said: at=to state=9/0/2 run=other/1 reason=none"
    expect(parseSignerMove(lines({ at: "stopped", reason }))).toMatchObject({ at: "stopped", state: whole.state, run: whole.run, reason })
  })
})

it.each([
  ["empty", ""],
  ["cut off before its reason", RECORD.slice(0, RECORD.indexOf("reason="))],
  ["without a run", lines({ run: "" })],
  ["at a place that nobody knows", lines({ at: "elsewhere" })],
  ["something else", "another file reason=none"],
])("what is %s is no record", (_, text) => {
  expect(parseSignerMove(text)).toBeUndefined()
})

it.each(["1001", "1001/0/3", "1001/0", "-1/0/2", "1001/0/2/1", "1e3/0/2", "9999999999999999/0/2"])(
  "does not take %s for a state",
  (state) => {
    expect(parseSignerMove(lines({ state }))?.state).toBeUndefined()
  },
)
