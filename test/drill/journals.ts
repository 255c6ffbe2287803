import { readdir, readFile } from "node:fs/promises"
import { z } from "zod"
import type { Operator } from "./operator.ts"

const ENTRY = z.looseObject({ at: z.string(), step: z.looseObject({ kind: z.string() }).optional() })

export type JournalLine = z.infer<typeof ENTRY>

/** The operations of which a journal exists, oldest first. */
export async function operations(operator: Operator): Promise<readonly string[]> {
  return (await namesIn(operator.path(".gonka-ha/journal"))).map((name) => name.replace(/\.jsonl$/, ""))
}

/** The operations of which a receipt of this validator exists, by the number of the receipt. */
export async function receiptNames(operator: Operator, validator = "main"): Promise<readonly string[]> {
  return (await namesIn(operator.path(`.gonka-ha/receipts/${validator}`))).map((name) => name.replace(/^\d+-|\.json$/g, ""))
}

/** All whole lines of one journal; a line that is being written is left out. */
export async function journalLines(operator: Operator, operation: string): Promise<readonly JournalLine[]> {
  const text = await readFile(operator.path(`.gonka-ha/journal/${operation}.jsonl`), "utf8")
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => ENTRY.parse(JSON.parse(line)))
}

async function namesIn(dir: string): Promise<string[]> {
  const names = await readdir(dir).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return []
    throw error
  })
  return names.sort()
}
