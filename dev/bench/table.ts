import type { Benchmark } from "./benchmark.ts"
import type { Result } from "./result.ts"

export function resultTable(results: readonly Result[]): string {
  return table([
    ["FIGURE", "VALUE", "UNIT", "GOAL", "MET"],
    ...results.map(({ name, value, unit, goal, met }) => [
      name,
      value.toFixed(2).replace(/\.?0+$/, ""),
      unit,
      goal === null ? "-" : `<= ${goal}`,
      met === null ? "-" : met ? "yes" : "NO",
    ]),
  ])
}

export function benchmarkTable(benchmarks: readonly Benchmark[]): string {
  return table([
    ["NAME", "FIGURES", "WHAT"],
    ...benchmarks.map(({ name, metrics, about, onlyByName }) => [
      name,
      metrics.map(({ goal, unit, name: metric }) => (goal === undefined ? metric : `${metric} <= ${goal} ${unit}`)).join(", "),
      `${about}${onlyByName ? " (only when named)" : ""}`,
    ]),
  ])
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "))
  return `${lines.map((line) => line.trimEnd()).join("\n")}\n`
}
