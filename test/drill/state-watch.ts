import { setTimeout as delay } from "node:timers/promises"
import type { Lab } from "../lab/lab.ts"
import { stateHeight } from "./host-facts.ts"

const EVERY_MS = 400

export type StateWatch = { readonly heights: readonly number[]; stop(): Promise<void> }

/** Samples the height in the signer's state file until it is stopped. */
export function watchState(lab: Lab): StateWatch {
  const heights: number[] = []
  const abort = new AbortController()
  const sample = async () => {
    while (!abort.signal.aborted) {
      heights.push(await stateHeight(lab))
      await delay(EVERY_MS, undefined, { signal: abort.signal }).catch(() => undefined)
    }
  }
  const done = sample()
  // A failed look is reported by `stop`; until then nobody awaits it.
  done.catch(() => undefined)
  return {
    heights,
    async stop() {
      abort.abort()
      await done
    },
  }
}

/** The first place where the height went down. */
export function firstDecrease(heights: readonly number[]): string | undefined {
  const index = heights.findIndex((height, at) => at > 0 && height < (heights[at - 1] ?? 0))
  return index === -1 ? undefined : `${heights[index - 1]} -> ${heights[index]}`
}
