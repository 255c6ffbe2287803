import { readFileSync } from "node:fs"
import { join } from "node:path"

export const REPOSITORY = join(import.meta.dirname, "..", "..")

export function readFromRepository(path: string): string {
  return readFileSync(join(REPOSITORY, path), "utf8")
}

/** What a person wrote for a page. */
export function prose(page: string): string {
  return readFromRepository(`dev/docs/prose/${page}`).trimEnd()
}
