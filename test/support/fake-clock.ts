import type { Clock } from "../../src/core/ports.ts"
import { NOW_MS } from "./observed.ts"

/** Time that passes only when somebody sleeps. */
export class FakeClock implements Clock {
  #ms = 0
  readonly slept: number[] = []
  /** Called after each sleep with the time since the beginning. */
  onTick: (ms: number) => void = () => {}

  wallMs(): number {
    return NOW_MS + this.#ms
  }

  monoMs(): number {
    return this.#ms
  }

  async sleep(ms: number): Promise<void> {
    this.slept.push(ms)
    this.advance(ms)
  }

  advance(ms: number): void {
    this.#ms += ms
    this.onTick(this.#ms)
  }
}
