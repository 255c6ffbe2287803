import { describe, expect, it } from "vitest"
import { parseSource } from "../../../../src/core/spec/document.ts"

function bomb(): string {
  const levels = ["a", "b", "c", "d", "e", "f", "g", "h", "i"]
  return levels
    .map(
      (level, at) =>
        `${level}: &${level} [${
          at === 0
            ? '"lol"'
            : Array(9)
                .fill(`*${levels[at - 1]}`)
                .join(", ")
        }]`,
    )
    .join("\n")
}

describe("parseSource", () => {
  it.each([
    { name: "a key twice", text: "name: a\nname: b\n", message: "not valid YAML: Map keys must be unique", line: 2, column: 1 },
    { name: "a tab", text: "hosts:\n\ta: 1\n", message: "not valid YAML: Tabs are not allowed as indentation", line: 2, column: 1 },
    { name: "a tag that nobody knows", text: "name: !secret x\n", message: "not valid YAML: Unresolved tag: !secret", line: 1, column: 7 },
    { name: "an open bracket", text: "list: [a, b\n", message: expect.stringContaining("not valid YAML: "), line: 2, column: 1 },
    { name: "two documents", text: "a: 1\n---\nb: 1\n", message: expect.stringContaining("multiple documents"), line: 2, column: 1 },
    {
      name: "an alias of nothing",
      text: "a: *b\n",
      message: expect.stringContaining("not usable YAML: Unresolved alias"),
      line: 1,
      column: 1,
    },
    {
      name: "a value that contains itself",
      text: "hosts: &a { b: [*a] }\n",
      message: "not usable YAML: a value contains itself through an alias",
      line: 1,
      column: 1,
    },
    { name: "an alias bomb", text: bomb(), message: expect.stringContaining("not usable YAML: Excessive alias count"), line: 1, column: 1 },
    { name: "an empty file", text: "", message: "must be a map of settings", line: 1, column: 1 },
    { name: "only comments", text: "# nothing\n", message: "must be a map of settings", line: 1, column: 1 },
    { name: "a list", text: "- a\n", message: "must be a map of settings", line: 1, column: 1 },
    { name: "prose", text: "hello\n", message: "must be a map of settings", line: 1, column: 1 },
    { name: "too much", text: `a: "${"x".repeat(1_000_000)}"`, message: "is larger than 1000000 bytes", line: 1, column: 1 },
  ])("refuses $name", ({ text, message, line, column }) => {
    const { source, issues } = parseSource("spec.yaml", text)
    expect(source).toBeUndefined()
    expect(issues[0]).toMatchObject({ severity: "error", message, place: { file: "spec.yaml", line, column } })
  })

  it("finds a path inside of lists and maps, or its nearest written ancestor", () => {
    const { source } = parseSource("spec.yaml", "chain:\n  peers:\n    - one\n    - two\n")
    expect(source?.place(["chain", "peers", 1])).toEqual({ file: "spec.yaml", line: 4, column: 7 })
    expect(source?.place(["chain", "seeds"])).toEqual({ file: "spec.yaml", line: 1, column: 1 })
  })
})
