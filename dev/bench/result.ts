import type { Benchmark } from "./benchmark.ts"

/** `goal` and `met` are null where a figure has no goal. */
export type Result = {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly goal: number | null
  readonly met: boolean | null
}

export function resultsOf(benchmark: Benchmark, values: Readonly<Record<string, number>>): readonly Result[] {
  return benchmark.metrics.map(({ name, unit, goal }) => {
    const value = values[name]
    if (value === undefined) throw new Error(`${benchmark.name} gave no value for ${name}`)
    return { name, value: Math.round(value * 1000) / 1000, unit, goal: goal ?? null, met: goal === undefined ? null : value <= goal }
  })
}
