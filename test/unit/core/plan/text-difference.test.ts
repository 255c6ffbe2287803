import fc from "fast-check"
import { expect, it } from "vitest"
import { textDifference } from "../../../../src/core/plan/text-difference.ts"

const TOML = 'moniker = "a"\n\n[rpc]\nladdr = "x"\n\n[p2p]\npex = true\nseeds = ""\n'

it("tells changed lines with their table", () => {
  expect(textDifference("config.toml", TOML, TOML.replace("pex = true", "pex = false"))).toEqual([
    { line: 7, section: "p2p", removed: ["pex = true"], added: ["pex = false"] },
  ])
})

it("tells what is gone, and what stands before the first table", () => {
  const changed = TOML.replace('laddr = "x"\n', "").replace('"a"', '"b"')
  expect(textDifference("config.toml", TOML, changed)).toEqual([
    { line: 1, section: undefined, removed: ['moniker = "a"'], added: ['moniker = "b"'] },
    { line: 4, section: "rpc", removed: ['laddr = "x"'], added: [] },
  ])
})

it("names the service in a compose file, and nothing in other files", () => {
  const compose = "services:\n  sentry-1:\n    image: old\n  node-1:\n    image: old\n"
  const changed = "services:\n  sentry-1:\n    image: old\n  node-1:\n    image: new\n"
  expect(textDifference("compose.yaml", compose, changed)?.map(({ section }) => section)).toEqual(["node-1"])
  expect(textDifference("start-node.sh", "[p2p]\na\n", "[p2p]\nb\n")?.map(({ section }) => section)).toEqual([undefined])
})

it("gives up where everything differs, rather than compare for ever", () => {
  const text = (word: string) => Array.from({ length: 5000 }, (_, index) => `${word} ${index}\n`).join("")
  expect(textDifference("config.toml", text("a"), text("b"))).toBeUndefined()
})

it("finds every line that is on one side only, and nothing between equal texts", () => {
  const lines = fc.array(fc.constantFrom("a", "b", "[c]", ""), { maxLength: 12 }).map((list) => list.map((line) => `${line}\n`).join(""))
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const hunks = textDifference("x.toml", before, after) ?? []
      const removed = hunks.reduce((sum, hunk) => sum + hunk.removed.length, 0)
      const added = hunks.reduce((sum, hunk) => sum + hunk.added.length, 0)
      expect(hunks.length === 0).toBe(before === after)
      expect(before.split("\n").length - removed).toBe(after.split("\n").length - added)
      for (const { line, added: lines } of hunks) expect(after.split("\n").slice(line - 1, line - 1 + lines.length)).toEqual(lines)
    }),
  )
})
