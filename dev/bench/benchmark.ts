import type { Report } from "../setup/report.ts"

/** One figure. The goal is the largest value that is good enough; where there is none, the figure is only reported. */
export type Metric = { readonly name: string; readonly unit: string; readonly goal?: number }

/** One file each; `run` gives a value for every metric, by name. */
export type Benchmark = {
  readonly name: string
  readonly about: string
  readonly metrics: readonly Metric[]
  /** Takes so long, or so much of the machine, that only naming it runs it. */
  readonly onlyByName?: true
  run(report: Report): Promise<Readonly<Record<string, number>>>
}
