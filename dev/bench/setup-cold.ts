import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { execa } from "execa"
import type { Benchmark } from "./benchmark.ts"
import { withSpareEngine } from "./spare-engine.ts"
import { timedSeconds } from "./timed-seconds.ts"

const SETUP = fileURLToPath(new URL("../setup/main.ts", import.meta.url))

/** In an engine, a cache and Go caches of its own: what this machine has already is neither used nor touched. */
export const setupCold: Benchmark = {
  name: "setup-cold",
  about: "the set-up with an empty cache and an empty engine; needs root",
  metrics: [{ name: "setup-cold", unit: "s", goal: 15 * 60 }],
  onlyByName: true,
  async run(report) {
    const dir = mkdtempSync(join(tmpdir(), "gonka-ha-cold-"))
    try {
      return await withSpareEngine(dir, async (engine) => {
        const env = { DOCKER_HOST: engine, GONKA_HA_CACHE: join(dir, "cache"), GOCACHE: join(dir, "go"), GOMODCACHE: join(dir, "mod") }
        const setup = execa(process.execPath, ["--import", "tsx", SETUP], { env, stdin: "ignore" })
        setup.stderr.on("data", (chunk: Buffer) => report(String(chunk).trimEnd()))
        return { "setup-cold": await timedSeconds(() => setup) }
      })
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  },
}
