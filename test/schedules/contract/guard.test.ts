import { rmSync } from "node:fs"
import { describe, it, vi } from "vitest"
import { settingsText } from "../../../src/core/render/settings.ts"
import { COMET_VALIDATOR, RFC_8032_KEY } from "../../support/known-keys.ts"
import { ScriptRun } from "../../support/script-run.ts"
import { Disk } from "../world/disk.ts"
import { guard } from "../world/guard.ts"
import { expectSays, GUARD_RULES, type GuardBench, STATE_AT_120 } from "./guard.ts"

/** Real processes on a loaded machine. */
vi.setConfig({ testTimeout: 60_000 })

const NOW_S = 1_790_000_000
const BLOCK_MS = 5000

function modelBench(): GuardBench {
  const disk = new Disk()
  const pathOf = (file: string) => (file === "state" || file === "key" ? `/${file}` : `/${file}`)
  let isFree = true
  const bench: GuardBench = {
    write: (file, text) => disk.write(pathOf(file), text),
    remove: (file) => disk.remove(pathOf(file)),
    async holdLock() {
      isFree = false
    },
    nowS: () => NOW_S,
    async start() {
      const at = {
        control: "/control",
        marks: "/marks",
        stateFile: "/state",
        keyFile: "/key",
        pinnedKey: "the key",
        candidates: ["node-1", "node-2"],
        blockMs: BLOCK_MS,
      }
      const says = guard(disk, at, NOW_S * 1000, () => isFree)
      return "refusal" in says ? says.refusal : "starts"
    },
  }
  inOrder(bench, "the key")
  return bench
}

function realBench(): GuardBench {
  const run = new ScriptRun("guard.sh")
  run.program("tmkms", 'echo "starts"')
  const settings = { validator: "main", chain_id: "lab-1", pubkey: RFC_8032_KEY.pubkey, block_ms: String(BLOCK_MS) }
  run.write("config/settings", settingsText(settings))
  run.write("config/tmkms-node-1.toml", "")
  run.write("config/tmkms-node-2.toml", "")
  run.write("secrets/kms-identity.key", RFC_8032_KEY.seed)
  const pathOf = (file: string) => (file === "state" ? "state/priv_validator_state.json" : file === "key" ? "secrets/consensus.key" : file)
  const bench: GuardBench = {
    write: (file, text) => run.write(pathOf(file), file === "key" && text === "another" ? COMET_VALIDATOR.seed : text),
    remove: (file) => rmSync(run.path(pathOf(file))),
    async holdLock() {
      run.program("tmkms", 'echo "starts"; exec sleep 60')
      const first = run.start()
      await new Promise<void>((resolve) => first.stdout.on("data", () => resolve()))
    },
    nowS: () => Math.floor(Date.now() / 1000),
    async start() {
      const { stdout, stderr } = await run.run()
      return `${stdout}${stderr}`
    },
  }
  inOrder(bench, RFC_8032_KEY.seed)
  return bench
}

function inOrder(bench: GuardBench, key: string): void {
  bench.write("key", key)
  bench.write("state", STATE_AT_120)
  bench.write("control/floor", "100\n")
  bench.write("marks/floor", "100\n")
  bench.write("control/aim", "node-1\n")
}

describe.each([
  { which: "guard.sh", bench: realBench },
  { which: "its model", bench: modelBench },
])("$which", ({ bench }) => {
  it.each(GUARD_RULES)("$name: $says", (rule) => expectSays(bench(), rule))
})
