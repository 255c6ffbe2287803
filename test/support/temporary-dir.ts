import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { onTestFinished } from "vitest"

/** A directory of this test's own, gone after it. */
export function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "gonka-ha-unit-"))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}
