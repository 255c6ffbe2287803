import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { lockHolder } from "../../../src/app/lock-holder.ts"
import type { RunResult } from "../../../src/core/ports.ts"
import { layout } from "../../../src/core/render/layout.ts"
import { aTopology, theValidator } from "../../support/observed.ts"
import { aDeployment, aHost } from "../../support/paper-deployment.ts"
import { temporaryDir } from "../../support/temporary-dir.ts"

/** The program runs on this machine as it runs on the signer's host. */
function runHere(argv: readonly string[]): Promise<RunResult> {
  const [program = "", ...args] = argv
  return new Promise((resolve) => {
    const child = execFile(program, args, (_, stdout, stderr) => resolve({ code: child.exitCode ?? 1, stdout, stderr }))
  })
}

function onHost() {
  const dir = temporaryDir()
  const topology = aTopology({ dir })
  const lockDir = join(dir, layout.signer.lock("main"))
  const control = join(dir, layout.signer.control("main"))
  for (const each of [lockDir, control]) mkdirSync(each, { recursive: true })
  const deployment = aDeployment({ "sig-1": aHost({ run: runHere }) }, { topology })
  return { lockDir, control, ask: () => lockHolder(deployment, theValidator(topology)) }
}

/** Holds a lock until the test ends or it is let go. */
async function hold(file: string): Promise<() => Promise<void>> {
  const child = spawn("flock", ["-n", file, "sh", "-c", "echo held; read -r _"], { stdio: ["pipe", "pipe", "inherit"] })
  await once(child.stdout, "data")
  const release = async () => {
    if (child.exitCode !== null) return
    child.stdin.end()
    await once(child, "exit")
  }
  onTestFinished(release)
  return release
}

describe("the holder of a signer's lock", () => {
  it("is nobody where there is no lock yet, and none is made", async () => {
    const { ask, lockDir } = onHost()
    expect(await ask()).toBeUndefined()
    expect(existsSync(join(lockDir, "lock"))).toBe(false)
  })

  it("is named while it holds it, and not afterwards", async () => {
    const { ask, lockDir } = onHost()
    writeFileSync(join(lockDir, "owner"), "ben@home since noon: promote node-2\n")
    const release = await hold(join(lockDir, "lock"))
    expect(await ask()).toBe("ben@home since noon: promote node-2")
    expect(await ask()).toBe("ben@home since noon: promote node-2")
    await release()
    expect(await ask()).toBeUndefined()
  })

  it("is somebody, also where no owner is written", async () => {
    const { ask, lockDir } = onHost()
    await hold(join(lockDir, "lock"))
    expect(await ask()).toBe("somebody unknown")
  })

  it("is the move that goes on without its gonka-ha", async () => {
    const { ask, control } = onHost()
    await hold(join(control, "move.lock"))
    expect(await ask()).toBe("a move that ends by itself within seconds")
  })

  it("is not guessed when the host cannot tell", async () => {
    const deployment = aDeployment({ "sig-1": aHost({ run: async () => ({ code: 127, stdout: "", stderr: "sh: flock: not found\n" }) }) })
    await expect(lockHolder(deployment, theValidator(deployment.topology))).rejects.toThrow("flock: not found")
  })
})
