import type { Benchmark } from "./benchmark.ts"

export type BenchRequest = { readonly json: boolean; readonly list: boolean; readonly chosen: readonly Benchmark[] }

/** Undefined where an option or a name is not known. */
export function benchRequest(args: readonly string[], known: readonly Benchmark[]): BenchRequest | undefined {
  const names = args.filter((arg) => !arg.startsWith("-"))
  const options = args.filter((arg) => arg.startsWith("-"))
  if (options.some((option) => option !== "--json" && option !== "--list")) return undefined
  if (names.some((name) => !known.some((benchmark) => benchmark.name === name))) return undefined
  const chosen = known.filter(({ name, onlyByName }) => (names.length === 0 ? !onlyByName : names.includes(name)))
  return { json: options.includes("--json"), list: options.includes("--list"), chosen }
}
