import { BENCHMARKS } from "./bench/all.ts"
import type { Benchmark } from "./bench/benchmark.ts"
import { benchRequest } from "./bench/request.ts"
import { type Result, resultsOf } from "./bench/result.ts"
import { benchmarkTable, resultTable } from "./bench/table.ts"

const report = (line: string) => process.stderr.write(`${line}\n`)

/** One after the other, since each wants the machine for itself. What fails is named, and the others still run. */
async function bench(chosen: readonly Benchmark[]): Promise<readonly Result[]> {
  const results: Result[] = []
  for (const benchmark of chosen) {
    report(`== ${benchmark.name}: ${benchmark.about}`)
    try {
      results.push(...resultsOf(benchmark, await benchmark.run(report)))
    } catch (error) {
      report(`✗ ${benchmark.name}: ${error instanceof Error ? error.message : String(error)}`)
      process.exitCode = 1
    }
  }
  return results
}

const request = benchRequest(process.argv.slice(2), BENCHMARKS)
if (request === undefined) {
  report(`usage: npm run bench [-- NAME… | --list] [--json]\nnames: ${BENCHMARKS.map(({ name }) => name).join(", ")}`)
  process.exitCode = 64
} else if (request.list) {
  const list = BENCHMARKS.map(({ name, about, metrics, onlyByName }) => ({ name, about, metrics, onlyByName: onlyByName ?? false }))
  process.stdout.write(request.json ? `${JSON.stringify(list, null, 2)}\n` : benchmarkTable(BENCHMARKS))
} else {
  const results = await bench(request.chosen)
  process.stdout.write(request.json ? `${JSON.stringify(results, null, 2)}\n` : resultTable(results))
  if (results.some(({ met }) => met === false)) process.exitCode = 1
}
