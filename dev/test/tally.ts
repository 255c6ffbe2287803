import { z } from "zod"

/** What a test run came to. `broken` are failures that belong to no single test: files that did not load, hooks, stray errors. */
const TALLY = z.object({
  passed: z.number(),
  failed: z.number(),
  skipped: z.number(),
  broken: z.array(z.string()),
})

export type Tally = z.infer<typeof TALLY>

export function parseTally(text: string): Tally {
  return TALLY.parse(JSON.parse(text))
}
