import * as z from "zod"

/** One line of a journal as it is read again, whichever version wrote it. */
const lineSchema = z.object({
  time: z.string(),
  at: z.string(),
  by: z.string().optional(),
  /** Of the lock under which a run was made: two parts of one run have the same. */
  epoch: z.number().optional(),
  /** Of a step: what it does, as it was shown. */
  title: z.string().optional(),
  step: z.object({ kind: z.string() }).optional(),
  tookMs: z.number().optional(),
  fact: z.string().optional(),
  reason: z.string().optional(),
  text: z.string().optional(),
  /** Of a receipt that was written. */
  validator: z.string().optional(),
  number: z.int().positive().optional(),
  sha256: z.string().optional(),
})

export type JournalLine = z.output<typeof lineSchema>

/**
 * The lines of one operation from every copy of its journal, oldest first. A line that two copies have counts once; one that a crash has
 * torn is left out, wherever it stands.
 */
export function journalLines(copies: readonly string[]): JournalLine[] {
  const texts = new Set(copies.flatMap((copy) => copy.split("\n")))
  return [...texts].flatMap(lineIn).sort((a, b) => (a.time === b.time ? 0 : a.time < b.time ? -1 : 1))
}

function lineIn(text: string): JournalLine[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return []
  }
  const parsed = lineSchema.safeParse(value)
  return parsed.success ? [parsed.data] : []
}
