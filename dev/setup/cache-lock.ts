import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { cacheDir } from "./cache-dir.ts"
import type { ProcessIdentity } from "./process-identity.ts"
import { identityOfThisProcess, isAlive } from "./process-identity.ts"
import type { Report } from "./report.ts"

const POLL_MS = 250

/**
 * Holds one named lock of the cache while `work` runs. The lock is a directory, moved into place with its owner
 * already written inside, so that a reader never sees a lock without an owner. A dead owner's lock is taken over.
 */
export async function withCacheLock<T>(name: string, report: Report, work: () => Promise<T>): Promise<T> {
  const lock = join(cacheDir(), `${name}.lock`)
  await acquire(lock, report)
  try {
    return await work()
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
}

async function acquire(lock: string, report: Report): Promise<void> {
  let waiting = false
  while (!tryAcquire(lock)) {
    const owner = ownerOf(lock)
    if (owner !== undefined && !isAlive(owner)) {
      discard(lock)
      continue
    }
    if (!waiting && owner !== undefined) report(`another set-up is at work (process ${owner.pid}), waiting for it`)
    waiting = true
    await delay(POLL_MS)
  }
}

function tryAcquire(lock: string): boolean {
  const prepared = `${lock}.${process.pid}.${Math.random().toString(36).slice(2)}`
  mkdirSync(prepared)
  writeFileSync(join(prepared, "owner.json"), JSON.stringify(identityOfThisProcess()))
  try {
    // rename(2) onto an existing directory that is not empty fails: this is the test and the set in one.
    renameSync(prepared, lock)
    return true
  } catch {
    rmSync(prepared, { recursive: true, force: true })
    return false
  }
}

/**
 * Two waiters may see the same dead owner; the slower one must not throw away the lock that the quicker one has taken
 * since, so what was moved aside is looked at again.
 */
function discard(lock: string): void {
  const aside = `${lock}.stale.${process.pid}`
  try {
    renameSync(lock, aside)
    const owner = ownerOf(aside)
    if (owner !== undefined && isAlive(owner)) renameSync(aside, lock)
  } catch {
    return
  } finally {
    rmSync(aside, { recursive: true, force: true })
  }
}

function ownerOf(lock: string): ProcessIdentity | undefined {
  try {
    const owner: ProcessIdentity = JSON.parse(readFileSync(join(lock, "owner.json"), "utf8"))
    return owner
  } catch {
    return undefined
  }
}
