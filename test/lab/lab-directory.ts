import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { cacheDir } from "../../dev/setup/cache-dir.ts"
import type { ProcessIdentity } from "../../dev/setup/process-identity.ts"
import type { LabIdentity } from "./lab-identity.ts"
import { ownerText, parseOwner } from "./lab-identity.ts"

/** The private directory of a lab; it lies in the cache, so that a later run finds those of crashed labs. */
function labDirectory(id: string): string {
  return join(cacheDir(), "labs", id)
}

export function makeLabDirectory(identity: LabIdentity): string {
  const dir = labDirectory(identity.id)
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  chmodSync(dir, 0o700)
  writeFileSync(join(dir, "owner"), ownerText(identity.owner))
  return dir
}

export function removeLabDirectory(id: string): void {
  rmSync(labDirectory(id), { recursive: true, force: true })
}

/** A kept lab outlives its owner until someone removes it by name. */
export function markKept(id: string): void {
  writeFileSync(join(labDirectory(id), "keep"), "")
}

export function isKept(id: string): boolean {
  return existsSync(join(labDirectory(id), "keep"))
}

export function labDirectories(): ReadonlyMap<string, ProcessIdentity | undefined> {
  const root = join(cacheDir(), "labs")
  const ids = existsSync(root) ? readdirSync(root) : []
  return new Map(ids.map((id) => [id, ownerIn(join(root, id))]))
}

function ownerIn(dir: string): ProcessIdentity | undefined {
  try {
    return parseOwner(readFileSync(join(dir, "owner"), "utf8"))
  } catch {
    return undefined
  }
}
