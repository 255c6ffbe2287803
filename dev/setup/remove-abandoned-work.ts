import { readdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { cacheDir } from "./cache-dir.ts"

const WORK_DIRECTORY = /^(build|debootstrap)-.*-[A-Za-z0-9]{6}$/

/** Removes what an interrupted build left. Only for the holder of the lock on images: then nobody works in these. */
export function removeAbandonedWork(): void {
  for (const entry of readdirSync(cacheDir(), { withFileTypes: true })) {
    if (entry.isDirectory() && WORK_DIRECTORY.test(entry.name)) rmSync(join(cacheDir(), entry.name), { recursive: true, force: true })
  }
}
