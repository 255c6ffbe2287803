import { mkdirSync } from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"

/** The cache lives outside the repository, so that every clone on a machine shares one set of images. */
export function cacheDir(): string {
  const given = process.env.GONKA_HA_CACHE
  const dir = given === undefined || given === "" ? join(homedir(), ".cache", "gonka-ha") : given
  mkdirSync(dir, { recursive: true })
  return dir
}
