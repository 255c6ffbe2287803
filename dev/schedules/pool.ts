import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { availableParallelism, tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import type { WorkerLine } from "../../test/schedules/worker.ts"
import { bundle, type Replacement } from "./bundle.ts"

export const WORKER = "test/schedules/worker.ts"

export type Broken = Extract<WorkerLine, { at: "broken" }>

export type Tally = {
  readonly runs: number
  readonly broken: readonly Broken[]
  readonly endings: Readonly<Record<string, number>>
  /** Blocks from the end of the faults to the first signature, in every schedule that owed one. */
  readonly waits: readonly number[]
}

/** A worker, built once and gone after use; with replacements it is built from changed sources. */
export async function withWorker<T>(replacements: readonly Replacement[], use: (worker: string) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), "gonka-ha-schedules-"))
  try {
    const worker = join(dir, "worker.mjs")
    await bundle(WORKER, worker, replacements)
    return await use(worker)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** Runs the schedules of so many seeds on all cores, or on as many as are given. */
export async function runSeeds(
  worker: string,
  first: number,
  count: number,
  options: { readonly processes?: number; readonly stopAtFirst?: boolean } = {},
): Promise<Tally> {
  const processes = Math.min(count, options.processes ?? availableParallelism())
  const parts = await Promise.all(
    Array.from({ length: processes }, (_, index) => {
      const share = Math.ceil((count - index) / processes)
      return lines(worker, ["run", first + index, share, processes, ...(options.stopAtFirst ? ["stop"] : [])])
    }),
  )
  const all = parts.flat()
  const ends = all.flatMap((line) => (line.at === "end" ? [line] : []))
  if (ends.length !== processes) throw new Error("a worker has ended without a result")
  const endings: Record<string, number> = {}
  for (const end of ends) for (const [name, number] of Object.entries(end.endings)) endings[name] = (endings[name] ?? 0) + number
  return {
    runs: count,
    broken: all.flatMap((line) => (line.at === "broken" ? [line] : [])).sort((a, b) => a.seed - b.seed),
    endings,
    waits: ends.flatMap(({ waits }) => waits).sort((a, b) => a - b),
  }
}

/** The shrunk story of a seed. */
export async function tellSeed(worker: string, seed: number): Promise<{ readonly text: string; readonly broken: boolean }> {
  const story = (await lines(worker, ["tell", seed])).find((line) => line.at === "story")
  if (!story) throw new Error(`nothing was told of seed ${seed}`)
  return story
}

async function lines(worker: string, args: readonly (string | number)[]): Promise<readonly WorkerLine[]> {
  const child = spawn(process.execPath, ["--enable-source-maps", worker, ...args.map(String)], { stdio: ["ignore", "pipe", "inherit"] })
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject)
    child.once("exit", (code) => resolve(code ?? 1))
  })
  const said: WorkerLine[] = []
  for await (const line of createInterface({ input: child.stdout })) said.push(JSON.parse(line) as WorkerLine)
  const code = await ended
  if (code !== 0) throw new Error(`a worker has ended with code ${code}`)
  return said
}
