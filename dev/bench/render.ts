import { renderFiles } from "../../src/core/render/fileset.ts"
import { resolve } from "../../src/core/spec/resolve.ts"
import { sha256 } from "../../src/edge/sha256.ts"
import { checkedTexts, fixedIdentities } from "../../test/support/golden-topology.ts"
import { realScripts } from "../../test/support/scripts.ts"
import type { Benchmark } from "./benchmark.ts"
import { scaledSpec } from "./scaled-spec.ts"

const SIZES = [10, 50, 100, 200, 400] as const
const BASE = SIZES[0]
const GOAL = { nodes: 200, seconds: 1 } as const
const WARM_UPS = 10
const RUNS = 7

const secondsName = (nodes: number) => `render-${nodes}`
const perNodeName = (nodes: number) => `render-${nodes}-per-node`

/** In one process and in memory: parsing, checking, resolving and rendering, everything that `render` does but reading and writing files. */
export const render: Benchmark = {
  name: "render",
  about: `validate and render 10 to 400 nodes in one process, in memory; per node against the deployment of ${BASE} (linear is 1)`,
  metrics: [
    ...SIZES.map((nodes) => ({ name: secondsName(nodes), unit: "s", ...(nodes === GOAL.nodes ? { goal: GOAL.seconds } : {}) })),
    ...SIZES.slice(1).map((nodes) => ({ name: perNodeName(nodes), unit: "x" })),
  ],
  async run(report) {
    const scripts = realScripts()
    const once = (text: string) => {
      const { spec, issues } = checkedTexts(text)
      const error = issues.find(({ severity }) => severity === "error")
      if (!spec || error) throw new Error(`the benchmark's spec is wrong: ${JSON.stringify(error)}`)
      return renderFiles(resolve(spec, fixedIdentities(spec)), scripts, sha256)
    }
    for (let run = 0; run < WARM_UPS; run++) once(scaledSpec(BASE))
    const seconds = new Map(
      SIZES.map((nodes) => {
        const text = scaledSpec(nodes)
        const best = Math.min(...Array.from({ length: RUNS }, () => secondsOf(() => once(text))))
        const files = [...once(text).values()].flatMap((host) => host.files)
        const megabytes = files.reduce((sum, file) => sum + file.content.length, 0) / 1e6
        report(`${nodes} nodes: ${best.toFixed(3)} s for ${files.length} files with ${megabytes.toFixed(1)} MB`)
        return [nodes, best] as const
      }),
    )
    const base = (seconds.get(BASE) ?? 0) / BASE
    return Object.fromEntries(
      [...seconds].flatMap(([nodes, took]) => [
        [secondsName(nodes), took],
        [perNodeName(nodes), took / nodes / base],
      ]),
    )
  },
}

/** The best of several runs is taken: what else the machine does can only add to it. */
function secondsOf(work: () => unknown): number {
  const startedMs = performance.now()
  work()
  return (performance.now() - startedMs) / 1000
}
