import { describe, expect, it } from "vitest"
import { importState } from "../../../src/core/state-import.ts"

describe("importState", () => {
  it.each([
    { name: "a node's", text: '{"height":"120","round":1,"step":3,"signature":"c2ln","signbytes":"0A"}' },
    { name: "a tmkms's", text: '{"height":"120","round":"1","step":2,"block_id":{"hash":"AB","part_set_header":{"total":1,"hash":"CD"}}}' },
  ])("seals $name state one height higher", ({ text }) => {
    expect(importState(text)).toEqual({
      kind: "ok",
      lastSigned: 120,
      sealedAt: 121,
      text: '{"height":"121","round":"0","step":0,"block_id":null}',
    })
  })

  it("takes a fresh state", () => {
    expect(importState('{"height":"0","round":0,"step":0}')).toMatchObject({ kind: "ok", sealedAt: 1 })
  })

  it.each([
    "",
    "{}",
    "not json",
    '{"height":120,"round":0,"step":3}',
    '{"height":"-1","round":0,"step":3}',
    '{"height":"120"}',
    '{"height":"120","round":"0","step":2}',
  ])("refuses %s", (text) => {
    expect(importState(text).kind).toBe("damaged")
  })
})
