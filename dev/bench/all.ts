import type { Benchmark } from "./benchmark.ts"
import { failover } from "./failover.ts"
import { fleet } from "./fleet.ts"
import { promote, promoteQuick } from "./promote.ts"
import { render } from "./render.ts"
import { setupCold } from "./setup-cold.ts"
import { setupWarm } from "./setup-warm.ts"
import { upFromNothing } from "./up.ts"
import { upAgain } from "./up-again.ts"
import { validateStartup } from "./validate-startup.ts"
import { versionStartup } from "./version-startup.ts"
import { wide } from "./wide.ts"

export const BENCHMARKS: readonly Benchmark[] = [
  versionStartup,
  validateStartup,
  render,
  wide,
  setupCold,
  setupWarm,
  upFromNothing,
  upAgain,
  promote,
  promoteQuick,
  failover,
  fleet,
]
