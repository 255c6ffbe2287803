import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { beforeEach, expect, it } from "vitest"
import { nextEpoch } from "../../../src/app/signer-control.ts"
import { layout } from "../../../src/core/render/layout.ts"
import { holding } from "../../support/move-host.ts"
import { aTopology, theValidator } from "../../support/observed.ts"
import { aDeployment, aHost } from "../../support/paper-deployment.ts"
import { shellRun } from "../../support/shell-host.ts"
import { temporaryDir } from "../../support/temporary-dir.ts"

let dir: string

beforeEach(() => {
  dir = temporaryDir()
})

const next = () => {
  const topology = aTopology({ dir })
  const deployment = aDeployment({ "sig-1": aHost({ run: shellRun(temporaryDir()) }) }, { topology })
  return nextEpoch(deployment, theValidator(topology))
}
const control = () => join(dir, layout.signer.control("main"))

it("counts from one, where there is nothing yet", async () => {
  expect([await next(), await next()]).toEqual([1, 2])
  expect(readFileSync(join(control(), "epoch"), "utf8")).toBe("2\n")
})

it("is not counted on from what is no number", async () => {
  mkdirSync(control(), { recursive: true })
  writeFileSync(join(control(), "epoch"), "many\n")
  await expect(next()).rejects.toMatchObject({ code: "REMOTE_COMMAND", message: expect.stringContaining("the epoch is not a number") })
})

it("is only raised when no section is at work: one that begins just now sees either the lock or the new epoch", async () => {
  mkdirSync(control(), { recursive: true })
  const section = await holding(join(control(), "move.lock"))
  let isRaised = false
  const raised = next().then((epoch) => {
    isRaised = true
    return epoch
  })
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(isRaised).toBe(false)
  process.kill(-(section.pid ?? 0), "SIGKILL")
  expect(await raised).toBe(1)
})
