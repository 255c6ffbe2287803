import { parseArgs } from "node:util"
import { runSeeds, type Tally, tellSeed, withWorker } from "./schedules/pool.ts"

// `npm run schedules [-- --runs N --seed S]`: fault schedules on a fake world. With --seed alone it tells the story of that one seed.

const HOW_MANY = 5000

const { values } = parseArgs({ options: { runs: { type: "string" }, seed: { type: "string" }, processes: { type: "string" } } })
const first = number("seed", values.seed, 1)

process.exitCode = await withWorker([], async (worker) => {
  if (values.seed !== undefined && values.runs === undefined) {
    const { text, broken } = await tellSeed(worker, first)
    console.log(text)
    return broken ? 1 : 0
  }
  const began = performance.now()
  const processes = values.processes === undefined ? {} : { processes: number("processes", values.processes, 1) }
  const tally = await runSeeds(worker, first, number("runs", values.runs, HOW_MANY), processes)
  console.log(`${summary(tally)}, in ${((performance.now() - began) / 1000).toFixed(1)} s`)
  const [broken] = tally.broken
  if (!broken) return 0
  for (const { seed, kind, what } of tally.broken.slice(0, 20)) console.log(`seed ${seed}: ${kind}: ${what}`)
  console.log(`\n${(await tellSeed(worker, broken.seed)).text}\n\nagain: npm run schedules -- --seed ${broken.seed}`)
  return 1
})

function summary({ runs, broken, endings, waits }: Tally): string {
  const commands = Object.entries(endings).map(([name, count]) => `${count} ${name}`)
  const longest = waits.at(-1)
  return [
    `${runs} schedules, ${broken.length} broken rules`,
    `commands: ${commands.join(", ")}`,
    `signing again after at most ${longest ?? "no"} blocks (median ${waits[Math.floor(waits.length / 2)] ?? "-"})`,
  ].join("; ")
}

function number(name: string, text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text)
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} wants a whole number from 1, not ${text}`)
  return value
}
