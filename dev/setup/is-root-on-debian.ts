import { readFileSync } from "node:fs"

/** Only there may the set-up install packages by itself. */
export function isRootOnDebian(): boolean {
  if (process.getuid?.() !== 0) return false
  try {
    return /^(ID|ID_LIKE)=.*(debian|ubuntu)/m.test(readFileSync("/etc/os-release", "utf8"))
  } catch {
    return false
  }
}
