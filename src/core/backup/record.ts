import * as z from "zod"

const SCHEMA = "gonka-ha/backup-record/v1"

const recordSchema = z.object({
  schema: z.literal(SCHEMA),
  time: z.string(),
  by: z.string(),
  validator: z.string(),
  address: z.string().regex(/^[0-9A-F]{40}$/),
  /** Its name without directories: it may have been carried elsewhere since. */
  file: z.string(),
  /** Of the encrypted file. */
  sha256: z.string(),
})

/** That a backup with a validator's consensus key was made. It holds no secret, and proves nothing of the file. */
export type BackupRecord = Omit<z.infer<typeof recordSchema>, "schema">

export function backupRecordText(record: BackupRecord): string {
  return `${JSON.stringify({ schema: SCHEMA, ...record }, null, 2)}\n`
}

/** Undefined for what this version of gonka-ha cannot read. */
export function backupRecordIn(text: string): BackupRecord | undefined {
  try {
    return recordSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
