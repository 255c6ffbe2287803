import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { beforeEach, expect, it, onTestFinished, vi } from "vitest"
import { lockSigner, type SignerLock } from "../../../src/app/lock.ts"
import { layout } from "../../../src/core/render/layout.ts"
import { LockingHosts } from "../../support/locking-hosts.ts"
import { holding } from "../../support/move-host.ts"
import { aTopology, theValidator } from "../../support/observed.ts"
import { aDeployment, type PaperDeployment } from "../../support/paper-deployment.ts"
import { temporaryDir } from "../../support/temporary-dir.ts"

const topology = aTopology()
let hosts: LockingHosts
let anna: PaperDeployment
let boris: PaperDeployment

beforeEach(() => {
  const bin = temporaryDir()
  writeFileSync(join(bin, "docker"), "#!/bin/sh\n", { mode: 0o755 })
  vi.stubEnv("PATH", `${bin}:${process.env.PATH}`)
  onTestFinished(() => void vi.unstubAllEnvs())
  hosts = new LockingHosts(topology)
  anna = aDeployment(hosts.access, { operator: "anna@desk" })
  boris = aDeployment(hosts.access, { operator: "boris@office" })
})

async function lock(deployment: PaperDeployment, purpose: string, expected?: number): Promise<SignerLock> {
  const held = await lockSigner(deployment, theValidator(topology), purpose, expected)
  onTestFinished(() => held.release())
  return held
}

it("refuses a second laptop, and says who is at work, since when and with what", async () => {
  await lock(anna, "promote node-2")
  await expect(lock(boris, "promote node-1")).rejects.toMatchObject({
    code: "LOCK_HELD",
    exit: 8,
    message: "the signer of main is locked by anna@desk since 2026-11-23T12:00:00.000Z: promote node-2",
  })
})

it("is not taken while a critical section is at work, which outlives whoever began it", async () => {
  const control = hosts.path("sig-1", layout.signer.control("main"))
  mkdirSync(control, { recursive: true })
  const section = await holding(join(control, "move.lock"))
  let isTaken = false
  const taken = lock(boris, "promote node-1").then(() => {
    isTaken = true
  })
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(isTaken).toBe(false)
  process.kill(-(section.pid ?? 0), "SIGKILL")
  await taken
})

it("refuses a plan that was overtaken, and is free then", async () => {
  await (await lock(anna, "promote node-2", 0)).release()
  await expect(lock(boris, "promote node-1", 0)).rejects.toMatchObject({ code: "REFUSED", exit: 6 })
  expect((await lock(boris, "promote node-1", 2)).control.epoch).toBe(3)
})

it("respects a kept lock on the signer's host", async () => {
  const kept = hosts.path("sig-1", layout.lock.kept)
  mkdirSync(dirname(kept), { recursive: true })
  writeFileSync(kept, "carla@home since 2026-11-23T11:00:00.000Z: new disk\n")
  await expect(lock(anna, "promote node-2")).rejects.toMatchObject({
    code: "LOCK_HELD",
    exit: 8,
    message: "sig-1 is kept locked by carla@home since 2026-11-23T11:00:00.000Z: new disk",
  })
})

it("waits for whoever is at work when it was told to", async () => {
  const first = await lock(anna, "promote node-2")
  let isReleasing = false
  boris.clock.onTick = (ms) => {
    if (ms > 3000 && !isReleasing) {
      isReleasing = true
      void first.release()
    }
  }
  const held = await lockSigner({ ...boris, lockWaitMs: 600_000 }, theValidator(topology), "promote node-1")
  onTestFinished(() => held.release())
  expect(held.control.epoch).toBe(2)
})

it("says which tool a host lacks", async () => {
  vi.stubEnv(
    "PATH",
    ["sh", "mkdir", "dirname"].reduce((bin, tool) => withTool(bin, tool), temporaryDir()),
  )
  await expect(lock(anna, "promote node-2")).rejects.toMatchObject({
    code: "REMOTE_COMMAND",
    message: expect.stringContaining("this host has no docker, which gonka-ha needs there"),
  })
})

function withTool(bin: string, tool: string): string {
  writeFileSync(join(bin, tool), `#!/bin/sh\nexec /bin/${tool} "$@"\n`, { mode: 0o755 })
  return bin
}
