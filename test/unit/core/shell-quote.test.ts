import { execFileSync } from "node:child_process"
import fc from "fast-check"
import { expect, it } from "vitest"
import { shellQuote } from "../../../src/core/shell-quote.ts"

/** What a real shell makes of a line: the arguments that it hands to a command. */
function asShellReads(line: string): string[] {
  const output = execFileSync("sh", ["-c", `printf '%s\\0' ${line}`])
  return output.toString("utf8").split("\0").slice(0, -1)
}

it("comes back from a real shell as it went in", () => {
  const argument = fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.string({ unit: fc.constantFrom(..."'\"\\$`!*?[]{}()<>|&;#~=-%^ \t\n\r"), maxLength: 20 }),
  )
  fc.assert(
    fc.property(
      fc.array(
        argument.filter((text) => !text.includes("\0")),
        { minLength: 1, maxLength: 8 },
      ),
      (args) => {
        expect(asShellReads(args.map(shellQuote).join(" "))).toEqual(args)
      },
    ),
    { numRuns: 100, examples: [[["", "'", "''", "a'b", "\n", "-n", "--", "$(id)", "ü 漢 \u{1f600}"]]] },
  )
})

it("leaves plain words plain, so that commands stay readable", () => {
  for (const word of ["docker", "/opt/gonka-ha/lab/compose.yaml", "--tail=20", "a@b:22", "50%", "1.5,2"])
    expect(shellQuote(word)).toBe(word)
})
