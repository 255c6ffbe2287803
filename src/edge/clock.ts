import { setTimeout as delay } from "node:timers/promises"
import type { Clock } from "../core/ports.ts"

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monoMs: () => performance.now(),
  sleep: async (ms) => {
    await delay(ms)
  },
}
