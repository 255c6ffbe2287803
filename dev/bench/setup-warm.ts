import { ensureSetup } from "../setup/ensure-setup.ts"
import type { Benchmark } from "./benchmark.ts"

export const setupWarm: Benchmark = {
  name: "setup-warm",
  about: "the set-up where nothing is missing",
  metrics: [{ name: "setup-warm", unit: "s" }],
  async run(report) {
    await ensureSetup(report)
    return { "setup-warm": (await ensureSetup(report)).tookMs / 1000 }
  },
}
