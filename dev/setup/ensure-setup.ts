import type { Engine } from "./engine.ts"
import { ensureEngine } from "./ensure-engine.ts"
import { ensureImages } from "./ensure-images.ts"
import { ensurePrograms, LAB_PROGRAMS } from "./ensure-programs.ts"
import type { LabImages } from "./lab-images.ts"
import type { Report } from "./report.ts"

export type Setup = { readonly engine: Engine; readonly images: LabImages; readonly kind: "cold" | "warm"; readonly tookMs: number }

/** Everything a lab needs from this machine. "Warm" means that everything was there and running. */
export async function ensureSetup(report: Report): Promise<Setup> {
  const startedMs = performance.now()
  let lines = 0
  const counted: Report = (line) => {
    lines += 1
    report(`[set-up ${((performance.now() - startedMs) / 1000).toFixed(1).padStart(6)} s] ${line}`)
  }
  await ensurePrograms(LAB_PROGRAMS, counted)
  const engine = await ensureEngine(counted)
  const images = await ensureImages(counted)
  const tookMs = performance.now() - startedMs
  const kind = lines === 0 ? "warm" : "cold"
  report(`${kind} set-up: ${(tookMs / 1000).toFixed(1)} s (engine ${engine.version})`)
  return { engine, images, kind, tookMs }
}
