import { isAlive } from "../../dev/setup/process-identity.ts"
import type { Report } from "../../dev/setup/report.ts"
import { isKept, labDirectories } from "./lab-directory.ts"
import { labResources } from "./lab-resources.ts"
import { removeLab } from "./remove-lab.ts"

/** Removes every lab whose owner is dead and that nobody asked to keep. Returns their ids. */
export async function cleanStaleLabs(report: Report): Promise<readonly string[]> {
  const owners = new Map(labDirectories())
  for (const resource of await labResources()) owners.set(resource.lab, owners.get(resource.lab) ?? resource.owner)
  const stale = [...owners].filter(([id, owner]) => !isKept(id) && (owner === undefined || !isAlive(owner))).map(([id]) => id)
  for (const id of stale.sort()) {
    report(`removing lab ${id}, left by a run that is gone`)
    await removeLab(id)
  }
  return stale
}
