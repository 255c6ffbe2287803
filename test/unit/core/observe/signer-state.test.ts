import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { compareStates, parseSignerState, sealedState, stateText } from "../../../../src/core/observe/signer-state.ts"

const HASH = "A".repeat(64)
const BLOCK = `{"hash":"${HASH}","part_set_header":{"total":1,"hash":"${HASH}"}}`

describe("parseSignerState", () => {
  it.each([
    { name: "a vote for a block", text: `{"height":"123456","round":"0","step":2,"block_id":${BLOCK}}`, state: "123456/0/2" },
    {
      name: "a vote for nil",
      text: '{"height":"7","round":"3","step":1,"block_id":{"hash":"","part_set_header":{"total":0,"hash":""}}}',
      state: "7/3/1",
    },
    { name: "a null block", text: '{"height":"9","round":"0","step":0,"block_id":null}', state: "9/0/0" },
    { name: "other keys", text: `{"height":"9","round":"0","step":0,"block_id":null,"more":1}`, state: "9/0/0" },
    { name: "lines and blanks", text: `{\n  "height": "9",\n  "round": "1",\n  "step": 2,\n  "block_id": ${BLOCK}\n}\n`, state: "9/1/2" },
    {
      name: "one line with blanks, as the probe gives it",
      text: `{   "height": "9",   "round": "1",   "step": 2,   "block_id": null } `,
      state: "9/1/2",
    },
  ])("reads $name", ({ text, state }) => {
    const parsed = parseSignerState(text)
    expect(parsed.kind === "ok" && stateText(parsed.state)).toBe(state)
  })

  it.each([
    ["nothing", ""],
    ["half of it", '{"height":"9","round":"0","st'],
    ["a list", "[]"],
    ["null", "null"],
    ["a numeric height", '{"height":9,"round":"0","step":0,"block_id":null}'],
    ["a numeric round, as a node writes it", '{"height":"9","round":0,"step":0,"block_id":null}'],
    ["no block id", '{"height":"9","round":"0","step":0}'],
    ["no height", '{"round":"0","step":0,"block_id":null}'],
    ["a step of a node", '{"height":"9","round":"0","step":3,"block_id":null}'],
    ["a step between two", '{"height":"9","round":"0","step":1.5,"block_id":null}'],
    ["a written step", '{"height":"9","round":"0","step":"1","block_id":null}'],
    ["a negative height", '{"height":"-9","round":"0","step":0,"block_id":null}'],
    ["a height with a blank", '{"height":" 9","round":"0","step":0,"block_id":null}'],
    ["a height beyond what numbers hold", '{"height":"9999999999999999999","round":"0","step":0,"block_id":null}'],
  ])("calls %s damaged", (_, text) => {
    expect(parseSignerState(text)).toMatchObject({ kind: "damaged", reason: expect.stringMatching(/\S/) })
  })
})

it("reads back what it seals", () => {
  fc.assert(
    fc.property(fc.nat(), (height) => {
      expect(parseSignerState(sealedState(height))).toEqual({ kind: "ok", state: { height, round: 0, step: 0 }, sealed: true })
    }),
  )
  expect(sealedState(42)).toBe('{"height":"42","round":"0","step":0,"block_id":null}')
})

it("orders states by height, then round, then step", () => {
  const states = [
    { height: 1, round: 9, step: 2 },
    { height: 2, round: 0, step: 2 },
    { height: 2, round: 1, step: 0 },
    { height: 2, round: 1, step: 1 },
  ]
  expect([...states].reverse().sort(compareStates)).toEqual(states)
  for (const state of states) expect(compareStates(state, state)).toBe(0)
})
