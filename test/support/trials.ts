import { z } from "zod"
import { shellQuote } from "../../src/core/shell-quote.ts"

/** A real program at work on something rendered, as a shell script that fails when the program refuses it. */
export type Trial = { readonly what: string; readonly script: string }

/** `said` is everything that the script printed. */
export type Verdict = { readonly what: string; readonly code: number; readonly said: string }

const CODE_AND_WORDS = z.tuple([z.coerce.number(), z.base64()])

/** One script for all trials, so that one container is enough: each is made, whatever comes of the others, and prints one line. */
export function trialScript(trials: readonly Trial[]): string {
  const lines = trials.map(({ script }) => `try ${shellQuote(`set -eu\n${script}`)}\n`)
  return `try() { said=$(sh -c "$1" 2>&1 </dev/null) && code=0 || code=$?; printf '%s %s\\n' "$code" "$(printf '%s' "$said" | base64 -w 0)"; }\n${lines.join("")}`
}

export function verdictsIn(trials: readonly Trial[], printed: string): readonly Verdict[] {
  const lines = printed.split("\n")
  return trials.map(({ what }, index) => {
    const [code, words] = CODE_AND_WORDS.parse(lines[index]?.split(" "))
    return { what, code, said: Buffer.from(words, "base64").toString("utf8") }
  })
}

/** What stands against something, with the program's own words: of a program that only warns, too. */
export function complaintsOf(verdicts: readonly Verdict[]): readonly string[] {
  return verdicts.filter(({ code, said }) => code !== 0 || said !== "").map(({ what, code, said }) => `${what}: ${said} (exit ${code})`)
}
