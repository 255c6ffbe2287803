import { pathFrom } from "../core/local-path.ts"
import type { LocalFiles } from "../core/ports.ts"

const GITIGNORE = ".gitignore"
const IGNORED = ".gonka-ha/"

/** Has git look away from the secrets in a directory. Keeps every line that is there; gives the path when the file was written. */
export async function ignoreSecrets(files: LocalFiles, dir: string): Promise<readonly string[]> {
  const path = pathFrom(dir, GITIGNORE)
  const before = (await files.exists(path)) ? await files.readText(path) : ""
  if (before.split(/\r?\n/).some((line) => line.trim().replace(/^\//, "") === IGNORED)) return []
  const gap = before === "" || before.endsWith("\n") ? "" : "\n"
  await files.replace(path, `${before}${gap}${IGNORED}\n`, 0o644)
  return [path]
}
