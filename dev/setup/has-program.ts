import { accessSync, constants } from "node:fs"
import { delimiter, join } from "node:path"

const EXTRA_DIRS = ["/usr/local/sbin", "/usr/sbin", "/sbin"]

/** Whether a program can be started by name; the sbin directories count, also where a user's PATH lacks them. */
export function hasProgram(name: string): boolean {
  const dirs = [...(process.env.PATH ?? "").split(delimiter), ...EXTRA_DIRS]
  return dirs.some((dir) => isExecutable(join(dir, name)))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
