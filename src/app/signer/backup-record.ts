import { type BackupRecord, backupRecordIn, backupRecordText } from "../../core/backup/record.ts"
import { reasonOf } from "../../core/errors.ts"
import { type Reading, seen, unknown } from "../../core/observe/state.ts"
import type { Deployment } from "../deployment.ts"

type Place = Pick<Deployment, "local" | "stateDir">

/** In the place of an older one: what counts is the newest backup that has the key. */
export async function writeBackupRecord(place: Place, record: BackupRecord): Promise<void> {
  await place.local.replace(recordPath(place, record.validator), backupRecordText(record), 0o600)
}

/** What this machine knows of the newest backup with a key of the validator; undefined when it has made none. */
export async function readBackupRecord(place: Place, validator: string): Promise<Reading<BackupRecord | undefined>> {
  const path = recordPath(place, validator)
  try {
    if (!(await place.local.exists(path))) return seen(undefined)
    const record = backupRecordIn(await place.local.readText(path))
    return record === undefined ? unknown(`${path} cannot be understood`) : seen(record)
  } catch (error) {
    return unknown(reasonOf(error))
  }
}

function recordPath({ stateDir }: Pick<Deployment, "stateDir">, validator: string): string {
  return `${stateDir}/backups/${validator}.json`
}
