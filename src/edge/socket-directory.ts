import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const NAME = /^gha-(\d+)-/
let swept = false

/**
 * A private directory for one connection's sockets; its path is short, since the paths of Unix sockets end at about 100 bytes.
 * A process that was killed could not remove its own, so the next one does: the name says whose it was.
 */
export function makeSocketDirectory(): string {
  if (!swept) {
    swept = true
    sweep()
  }
  return mkdtempSync(join(tmpdir(), `gha-${process.pid}-`))
}

function sweep(): void {
  for (const entry of readdirSync(tmpdir())) {
    const owner = NAME.exec(entry)?.[1]
    if (owner === undefined || isAlive(Number(owner))) continue
    try {
      rmSync(join(tmpdir(), entry), { recursive: true, force: true })
    } catch {
      // It belongs to another user of this machine, who will sweep it.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH")
  }
}
