import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import type { Report } from "../setup/report.ts"
import { median } from "./median.ts"

const PROGRAM = fileURLToPath(new URL("../../bin/gonka-ha.js", import.meta.url))
const WARM_UPS = 3
const RUNS = 60
const ATTEMPTS = 5
/** How far bare Node may be from itself before nothing that is measured next to it can be believed. */
const NOISE_LIMIT = 0.05

/**
 * How much longer than bare Node a command takes, in medians of runs that take turns. Bare Node runs twice per turn: what the two
 * differ by is noise. On a busy machine that was up to a quarter, so there such a figure is not given at all.
 */
export function startUpRatio(args: readonly string[], report: Report, cwd?: string): number {
  const noises: string[] = []
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const { bare, control, ours } = measure(args, cwd)
    const noise = median(control) / median(bare)
    report(`bare node against itself: ${noise.toFixed(3)}x`)
    if (Math.abs(noise - 1) <= NOISE_LIMIT) return median(ours) / median([...bare, ...control])
    noises.push(noise.toFixed(2))
  }
  throw new Error(`the machine is too busy to compare start-ups: bare node against itself was ${noises.join(", ")}`)
}

function measure(args: readonly string[], cwd: string | undefined) {
  const series = { bare: ["-e", "0"], control: ["-e", "0"], ours: [PROGRAM, ...args] }
  const times: Record<keyof typeof series, number[]> = { bare: [], control: [], ours: [] }
  const orders = [
    ["bare", "control", "ours"],
    ["control", "ours", "bare"],
    ["ours", "bare", "control"],
  ] as const
  for (let run = -WARM_UPS; run < RUNS; run++) {
    // Everyone goes first equally often, so that a rhythm of the machine favours nobody.
    for (const name of orders[Math.abs(run) % orders.length] ?? []) {
      const tookMs = timed(series[name], cwd)
      if (run >= 0) times[name].push(tookMs)
    }
  }
  return times
}

function timed(args: readonly string[], cwd: string | undefined): number {
  const startedMs = performance.now()
  const { status, stderr } = spawnSync(process.execPath, args, { cwd, stdio: ["ignore", "ignore", "pipe"] })
  const tookMs = performance.now() - startedMs
  if (status !== 0) throw new Error(`node ${args.join(" ")} ended with ${status}: ${stderr}`)
  return tookMs
}
