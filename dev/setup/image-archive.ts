import { join } from "node:path"
import { cacheDir } from "./cache-dir.ts"

/** Where the cache keeps an image as `docker save` wrote it. */
export function imageArchive(tag: string): string {
  return join(cacheDir(), `${tag.replaceAll(/[/:]/g, "-")}.tar`)
}
