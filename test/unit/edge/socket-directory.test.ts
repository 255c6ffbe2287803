import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, it } from "vitest"
import { makeSocketDirectory } from "../../../src/edge/socket-directory.ts"

it("removes what killed processes have left, and nothing of the living", () => {
  const dead = spawnSync("true").pid
  const leftover = join(tmpdir(), `gha-${dead}-left`)
  const foreign = join(tmpdir(), `gha-${process.ppid}-kept`)
  mkdirSync(leftover)
  mkdirSync(foreign, { recursive: true })
  try {
    const made = makeSocketDirectory()
    expect(existsSync(made)).toBe(true)
    expect(existsSync(leftover)).toBe(false)
    expect(existsSync(foreign)).toBe(true)
    // The longest socket name in it stays far below the limit of the kernel.
    expect(`${made}/f99`.length).toBeLessThan(100)
    rmSync(made, { recursive: true })
  } finally {
    rmSync(foreign, { recursive: true, force: true })
  }
})
