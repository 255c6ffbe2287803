import { shell } from "../../test/drill/host-facts.ts"
import { LAYOUTS } from "../../test/drill/layouts.ts"
import type { Site } from "../../test/drill/site.ts"
import { waitUntil } from "../../test/lab/wait-until.ts"
import type { Report } from "../setup/report.ts"
import type { Benchmark } from "./benchmark.ts"
import { median } from "./median.ts"
import { type PhaseSeconds, phaseSeconds } from "./phases.ts"
import { plainSeconds } from "./plain-compose.ts"
import { timedSeconds } from "./timed-seconds.ts"
import { withSite } from "./with-site.ts"

const BLOCK_MS = 1000
const RUNS = 5
/** ConnectTimeout of a host: dead ones may cost that once, however many they are. */
const TIMEOUT_SECONDS = 5
const NOTHING_TO_DO = "nothing to do"

/** Hosts of which one loses its power and the other one hangs: the first gives no answer at all, the second takes connections and is silent. */
const DEAD = { off: "sen-3", hung: "val-4" } as const

/** Nine hosts as a small operator has them, from nothing; then a second `up`, and looks at it with two of the hosts dead. */
export const fleet: Benchmark = {
  name: "fleet",
  about: `gonka-ha up on ${LAYOUTS.fleet.hosts.length} hosts at 1 s blocks, docker compose up -d of the same containers on one, and looks with two hosts dead`,
  metrics: [
    { name: "fleet-up", unit: "s to two signed blocks" },
    { name: "fleet-up-files", unit: "s of these" },
    { name: "fleet-up-nodes", unit: "s of these, containers" },
    { name: "fleet-up-fresh", unit: "s of these, nodes that catch up" },
    { name: "fleet-up-signer", unit: "s of these, to the two blocks" },
    { name: "fleet-up-balancers", unit: "s of these, load balancers that do not answer yet" },
    { name: "fleet-plain", unit: "s, plain compose on one host" },
    { name: "fleet-against-plain", unit: "x" },
    { name: "fleet-up-again", unit: "s, 0 changes" },
    { name: "fleet-dead-status", unit: "s, 2 hosts dead" },
    { name: "fleet-dead-status-more", unit: "s more than with all alive", goal: TIMEOUT_SECONDS },
    { name: "fleet-dead-plan", unit: "s, 2 hosts dead" },
    { name: "fleet-dead-plan-more", unit: "s more than with all alive", goal: TIMEOUT_SECONDS },
  ],
  onlyByName: true,
  async run(report) {
    const ours = await withSite("fleet", BLOCK_MS, report, (site) => bringUpAndLook(site, report), "fleet")
    const plain = await withSite("single", BLOCK_MS, report, plainSeconds, "one-host")
    return {
      "fleet-up": ours.up,
      "fleet-up-files": ours.phases.files,
      "fleet-up-nodes": ours.phases.nodes,
      "fleet-up-fresh": ours.phases.fresh,
      "fleet-up-signer": ours.phases.signer,
      "fleet-up-balancers": ours.phases.balancers,
      "fleet-plain": plain,
      "fleet-against-plain": ours.up / plain,
      "fleet-up-again": ours.again,
      "fleet-dead-status": ours.dead.status,
      "fleet-dead-status-more": ours.dead.status - ours.alive.status,
      "fleet-dead-plan": ours.dead.plan,
      "fleet-dead-plan-more": ours.dead.plan - ours.alive.plan,
    }
  },
}

type Looks = { readonly status: number; readonly plan: number }

type Ours = {
  readonly up: number
  readonly phases: PhaseSeconds
  readonly again: number
  readonly alive: Looks
  readonly dead: Looks
}

async function bringUpAndLook(site: Site, report: Report): Promise<Ours> {
  const { lab, operator } = site
  const up = await timedSeconds(() => operator.must(["up", "--yes"]))
  const phases = await phaseSeconds(operator)
  report(`up: ${up.toFixed(1)} s; ${JSON.stringify(phases)}`)
  const again: number[] = []
  for (let run = 0; run < RUNS; run++) again.push(await timedSeconds(() => nothingToDo(site)))
  report(`up again: ${again.map((seconds) => seconds.toFixed(2)).join(", ")} s`)
  report(`the api's host reads block ${await heightThroughBalancer(site)} through its load balancer`)
  const alive = await looks(site, [], report)
  await lab.kill(DEAD.off)
  await lab.pause(DEAD.hung)
  try {
    const dead = await looks(site, Object.values(DEAD), report)
    return { up, phases, again: median(again), alive, dead }
  } finally {
    // A host with a frozen process cannot be removed.
    await lab.unpause(DEAD.hung)
  }
}

async function nothingToDo({ operator }: Site): Promise<void> {
  const { stdout } = await operator.must(["up"])
  if (!stdout.includes(NOTHING_TO_DO)) throw new Error(`a second up has something to do:\n${stdout}`)
}

/** Medians of several looks, each of which must name every dead host. */
async function looks({ operator }: Site, dead: readonly string[], report: Report): Promise<Looks> {
  const seconds = async (command: "status" | "plan") => {
    const all: number[] = []
    for (let run = 0; run < RUNS; run++) {
      const startedMs = performance.now()
      const { stdout, stderr } = await operator.run([command])
      all.push((performance.now() - startedMs) / 1000)
      const unnamed = dead.filter((host) => !`${stdout}${stderr}`.includes(host))
      if (unnamed.length > 0) throw new Error(`${command} does not name ${unnamed.join(", ")}:\n${stdout}${stderr}`)
    }
    report(`${command} with ${dead.join(" and ") || "none"} dead: ${all.map((one) => one.toFixed(2)).join(", ")} s`)
    return median(all)
  }
  return { status: await seconds("status"), plan: await seconds("plan") }
}

/** As Gonka's api sees it: from a container in the load balancer's network, in which that is called node. */
async function heightThroughBalancer({ lab }: Site): Promise<string> {
  const ask = `docker run --rm --network demo-manager-balancer ${lab.images.node} curl -s -m 5 http://node:26657/status || true`
  return waitUntil(
    "the api's load balancer to find a node",
    async () => {
      const answer = await shell(lab, "api-1", ask)
      return /"latest_block_height":\s*"(\d+)"/.exec(answer)?.[1]
    },
    { stuckAfterMs: 60_000 },
  )
}
