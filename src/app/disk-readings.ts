import { type DiskReadings, diskReadingsIn, diskReadingsText, withDisks } from "../core/doctor/disk-readings.ts"
import { reasonOf } from "../core/errors.ts"
import { type Observed, valueIn } from "../core/observe/state.ts"
import type { Deployment } from "./deployment.ts"

type Place = Pick<Deployment, "local" | "stateDir" | "report">

/**
 * No program of gonka-ha waits on the hosts to measure them, so each look leaves word here of the room that it found.
 * @returns what earlier looks have left. That the new one cannot be kept is reported, and spoils nothing.
 */
export async function rememberDisks({ local, stateDir, report }: Place, { hosts, atMs }: Observed): Promise<DiskReadings> {
  const path = `${stateDir}/disk-readings.json`
  const before = diskReadingsIn(await local.readText(path).catch(() => ""))
  const disks = [...hosts].flatMap(([host, reading]) => {
    const disk = valueIn(valueIn(reading)?.disk)
    return disk === undefined ? [] : [[host, disk] as const]
  })
  const after = withDisks(before, new Map(disks), atMs)
  if (after === undefined) return before
  try {
    await local.replace(path, diskReadingsText(after), 0o600)
  } catch (error) {
    report({ kind: "note", text: `how full the disks are could not be kept for the next look: ${reasonOf(error)}` })
  }
  return before
}
