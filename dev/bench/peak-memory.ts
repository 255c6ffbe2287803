import { readFileSync } from "node:fs"
import { join } from "node:path"

const KILOBYTES_PER_MEGABYTE = 1024

/** At its end a Node process leaves there what it had in memory at most, as the kernel tells it. */
const NOTE = `import("node:fs").then(({ writeFileSync }) => process.on("exit", () =>
  writeFileSync(process.env.PEAK_MEMORY_FILE, String(process.resourceUsage().maxRSS))))`

/** The environment in which the next program of Node notes its peak, and how to read that afterwards, in MB. */
export function peakMemory(dir: string): { readonly env: Readonly<Record<string, string>>; readonly read: () => number } {
  const file = join(dir, "peak-memory")
  return {
    env: { PEAK_MEMORY_FILE: file, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(NOTE)}` },
    read: () => Number(readFileSync(file, "utf8")) / KILOBYTES_PER_MEGABYTE,
  }
}
