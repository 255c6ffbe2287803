import type { Benchmark } from "./benchmark.ts"
import { startUpRatio } from "./start-up-ratio.ts"

export const versionStartup: Benchmark = {
  name: "version-startup",
  about: "gonka-ha --version against bare node -e 0",
  metrics: [{ name: "version-startup", unit: "x", goal: 1.5 }],
  async run(report) {
    return { "version-startup": startUpRatio(["--version"], report) }
  },
}
