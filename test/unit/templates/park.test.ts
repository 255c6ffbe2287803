import { rmSync } from "node:fs"
import { setTimeout as delay } from "node:timers/promises"
import { describe, expect, it } from "vitest"
import { settingsText } from "../../../src/core/render/settings.ts"
import { COMET_VALIDATOR, RFC_8032_KEY } from "../../support/known-keys.ts"
import { ScriptRun } from "../../support/script-run.ts"

function ready(): ScriptRun {
  const run = new ScriptRun("park.sh")
  run.program("tmkms", 'echo "tmkms $*"')
  run.write("config/settings", settingsText({ node: "node-1", validator_pubkeys: `${RFC_8032_KEY.pubkey}` }))
  run.write("secrets/consensus.key", COMET_VALIDATOR.seed)
  run.write("secrets/kms-identity.key", COMET_VALIDATOR.seed)
  run.write("control/owner", "parking\n")
  return run
}

const STARTED = "park: holding the privval port of node-1 with a throw-away key\ntmkms start -c ROOT/config/tmkms.toml"

describe("park.sh", () => {
  it.each([
    {
      name: "no settings",
      change: (run: ScriptRun) => rmSync(run.path("config/settings")),
      line: "ROOT/config/settings is missing: render and install the configuration again",
    },
    {
      name: "no key",
      change: (run: ScriptRun) => rmSync(run.path("secrets/consensus.key")),
      line: "the parking key ROOT/secrets/consensus.key is missing",
    },
    {
      name: "a key that is none",
      change: (run: ScriptRun) => run.write("secrets/consensus.key", "bm9uZQ=="),
      line: "the parking key cannot be read as an Ed25519 key",
    },
    {
      name: "a validator's key",
      change: (run: ScriptRun) => run.write("secrets/consensus.key", RFC_8032_KEY.seed),
      line: "the parking key is a validator's consensus key: remove it from this host at once",
    },
    {
      name: "the key of any validator",
      change: (run: ScriptRun) =>
        run.write("config/settings", `node=node-1\nvalidator_pubkeys=${RFC_8032_KEY.pubkey} ${COMET_VALIDATOR.pubkey}\n`),
      line: "the parking key is a validator's consensus key: remove it from this host at once",
    },
    {
      name: "no connection key",
      change: (run: ScriptRun) => rmSync(run.path("secrets/kms-identity.key")),
      line: "kms-identity.key is missing: tmkms would run and never connect",
    },
  ])("refuses: $name", async ({ change, line }) => {
    const run = ready()
    change(run)
    expect(await run.run()).toEqual({ code: 1, stdout: "", stderr: `park: the parking signer does not start: ${line}` })
  })

  it("holds the port while that is its job", async () => {
    expect(await ready().run()).toEqual({ code: 0, stdout: STARTED, stderr: "" })
  })

  it.each([["validator\n"], [undefined]])("waits while the owner is %j, says so once, and goes on by itself", async (owner) => {
    const run = ready()
    if (owner === undefined) rmSync(run.path("control/owner"))
    else run.write("control/owner", owner)
    const started = run.start()
    let output = ""
    started.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString()
    })
    await delay(1500)
    const waiting = "park: waiting: the privval port of node-1 belongs to the validator's signer; if that has moved, run gonka-ha up\n"
    expect(output).toBe(waiting)
    run.write("control/owner", "parking\n")
    const { exitCode, stdout } = await started
    expect([exitCode, stdout.replaceAll(run.root, "ROOT")]).toEqual([0, `${waiting}${STARTED}`])
  })
})
