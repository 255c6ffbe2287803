import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { nearestName } from "../../../src/core/nearest-name.ts"

const KEYS = ["sentries", "private", "validators", "hosts", "p2p.pex", "p2p.persistent_peers", "p2p.max_num_inbound_peers"]

describe("the nearest name", () => {
  it.each([
    ["sentires", "sentries"],
    ["validator", "validators"],
    ["privat", "private"],
    ["hsots", "hosts"],
    ["Hosts", "hosts"],
    ["p2p.persistent-peers", "p2p.persistent_peers"],
    ["p2p.persistentPeers", "p2p.persistent_peers"],
    ["p2p.max_inbound_peers", "p2p.max_num_inbound_peers"],
    ["p2p.peks", "p2p.pex"],
  ])("of %s is %s", (word, meant) => {
    expect(nearestName(word, KEYS)).toBe(meant)
  })

  it.each(["frobnicate", "x", "", "policy", "p2p.laddr", "rpc.unsafe"])("is nothing for %s, which is like none of them", (word) => {
    expect(nearestName(word, KEYS)).toBeUndefined()
  })

  it("is the first of two that are equally close, and nothing among none", () => {
    expect(nearestName("node-3", ["node-1", "node-2"])).toBe("node-1")
    expect(nearestName("node-3", [])).toBeUndefined()
  })

  it("is always one of the known names, and the name itself when that is known", () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string()), (word, known) => {
        const nearest = nearestName(word, known)
        expect(nearest === undefined || known.includes(nearest)).toBe(true)
      }),
    )
    for (const key of KEYS) expect(nearestName(key, KEYS)).toBe(key)
  })

  it("finds a word of six letters or more after any one slip", () => {
    const names = KEYS.filter((key) => key.length >= 6)
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.nat(), fc.constantFrom("drop", "double", "swap", "replace"), (name, where, slip) => {
        const at = where % (name.length - 1)
        const [head, first, second, tail] = [name.slice(0, at), name.charAt(at), name.charAt(at + 1), name.slice(at + 2)]
        const slipped = { drop: second, double: first + first + second, swap: second + first, replace: `q${second}` }[slip]
        expect(nearestName(`${head}${slipped}${tail}`, names)).toBe(name)
      }),
    )
  })
})
