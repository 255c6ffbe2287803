import { describe, expect, it } from "vitest"
import { sharingGroups, withoutSeat } from "../../../../src/core/spec/rules/seats.ts"

/** `a: 1 2` is validator a, which may sit on node 1 or 2. */
const seekers = (...lines: readonly string[]) =>
  lines.map((line) => {
    const [name = "", nodes = ""] = line.split(":")
    return { name, nodes: nodes.split(" ").filter((node) => node !== "") }
  })
const names = (found: readonly { readonly name: string }[]) => found.map(({ name }) => name)

describe("withoutSeat", () => {
  it.each([
    { lines: [], without: [] },
    { lines: ["a: 1", "b: 2"], without: [] },
    { lines: ["a: 1", "b: 1"], without: ["b"] },
    { lines: ["a: 1 2", "b: 1"], without: [] },
    // The first two have to move before the third finds its place.
    { lines: ["a: 1 2", "b: 2 3", "c: 1", "d: 2 3"], without: ["d"] },
    { lines: ["a: 1 2", "b: 1 2", "c: 1 2", "d: 3 4"], without: ["c"] },
    { lines: ["a:"], without: ["a"] },
  ])("of $lines is $without", ({ lines, without }) => {
    expect(names(withoutSeat(seekers(...lines)))).toEqual(without)
  })

  it("is nobody exactly when some way to place all of them exists", () => {
    // Every wish of three validators for three nodes, against the search through all placements.
    const wishes = [[], ["1"], ["2"], ["3"], ["1", "2"], ["1", "3"], ["2", "3"], ["1", "2", "3"]]
    for (const a of wishes)
      for (const b of wishes)
        for (const c of wishes) {
          const fits = a.some((x) => b.some((y) => c.some((z) => x !== y && y !== z && x !== z)))
          const all = [
            { name: "a", nodes: a },
            { name: "b", nodes: b },
            { name: "c", nodes: c },
          ]
          expect(withoutSeat(all).length === 0, JSON.stringify([a, b, c])).toBe(fits)
        }
  })
})

describe("sharingGroups", () => {
  it.each([
    { lines: ["a: 1", "b: 2"], groups: [["a"], ["b"]] },
    { lines: ["a: 1 2", "b: 2 3"], groups: [["a", "b"]] },
    { lines: ["a: 1", "b: 2", "c: 1 2"], groups: [["a", "b", "c"]] },
    { lines: ["a: 1", "b: 2", "c: 3", "d: 1 3"], groups: [["b"], ["a", "c", "d"]] },
  ])("of $lines are $groups", ({ lines, groups }) => {
    expect(sharingGroups(seekers(...lines)).map(names)).toEqual(groups)
  })
})
