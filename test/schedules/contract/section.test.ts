import { mkdirSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { describe, expect, it, vi } from "vitest"
import { parseSignerMove } from "../../../src/core/observe/signer-move.ts"
import { layout, signerMarks } from "../../../src/core/render/layout.ts"
import { holding, MoveHost } from "../../support/move-host.ts"
import { theValidator } from "../../support/observed.ts"
import { topologyOf } from "../topologies.ts"
import { World } from "../world/world.ts"
import { expectEnd, SECTION_RULES, type SectionBench } from "./section.ts"

/** Real processes on a loaded machine. */
vi.setConfig({ testTimeout: 60_000 })

async function realBench(): Promise<SectionBench> {
  const host = await MoveHost.running()
  return {
    guardRefuses: (node) => host.engine(`guard-refuses-${node}`, "guard: the signer does not start: a reason"),
    cutOff: (node) => host.cutOff(node),
    epoch: (epoch) => host.write("epoch", epoch),
    fence: () => host.write("fence", "by hand"),
    loseLock: () => host.letGoOfLock(),
    loseState: () => host.stateText(undefined),
    async otherSection() {
      const lock = host.path("deployment/signers/main/control/move.lock")
      mkdirSync(dirname(lock), { recursive: true })
      writeFileSync(lock, "")
      await holding(lock)
    },
    aim: () => host.read("aim"),
    move: async (changes) => (await host.move(changes)).move,
  }
}

/** The model inside of its world, whose signer is at 1000/0/2 as well when it begins. */
async function modelBench(): Promise<SectionBench> {
  const topology = topologyOf("pair")
  const world = new World({ seed: 1, topology, outdated: [], isBare: false, windowBlocks: 1000 }, false)
  const validator = theValidator(topology)
  const host = world.signerHost(validator)
  const { control, stateFile } = host.signerFiles(validator)
  const lock = { path: `${topology.dir}/lock/main/lock`, holder: {} }
  host.locks.take(lock.path, lock.holder)
  host.disk.write(`${control}/epoch`, "4\n")
  await world.timeline.runUntil(() => false, 2000)
  const refused = new Set<string>()
  host.mayStartFor = (node) => !refused.has(node)
  return {
    guardRefuses: (node) => refused.add(node),
    cutOff: (node) => {
      const name = topology.nodes.find((each) => each.name === node)?.host ?? ""
      world.cut(world.host(name), true)
    },
    epoch: (epoch) => host.disk.write(`${control}/epoch`, `${epoch}\n`),
    fence: () => host.disk.write(`${control}/fence`, "by hand\n"),
    async loseLock() {
      host.locks.release(lock.path, lock.holder)
    },
    loseState: () => host.disk.remove(stateFile),
    async otherSection() {
      host.locks.take(`${control}/move.lock`, {})
    },
    aim: () => host.disk.word(`${control}/aim`),
    async move(changes) {
      const all = {
        dir: topology.dir,
        validator: "main",
        container: "lab-main-signer",
        service: "main-signer",
        run: "op/1",
        epoch: "4",
        to: "node-2",
        from: "node-1",
        gate: "1000",
        recreate: "no",
        marks: signerMarks(topology, validator),
        connect_s: "5",
        ...changes,
      }
      // The new node's port is free by then, as after a detach.
      world.host("val-2").disk.write(`${topology.dir}/${layout.parking.owner("node-2")}`, "validator\n")
      world.host("val-2").engine.kill("lab-node-2-parking", true)
      await world.timeline.runUntil(() => false, world.timeline.now + 5000)
      const args = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))
      let isOver = false
      const hasBegun = host.section(args, () => {
        isOver = true
      })
      if (!hasBegun) return undefined
      expect(await world.timeline.runUntil(() => isOver, world.timeline.now + 60_000)).toBe(true)
      expect(world.violations).toEqual([])
      return parseSignerMove(host.disk.read(`${control}/move`) ?? "")
    },
  }
}

describe.each([
  { which: "move-signer.sh", bench: realBench },
  { which: "its model", bench: modelBench },
])("$which", ({ bench }) => {
  it.each(SECTION_RULES)("$name: $at", async (rule) => expectEnd(await bench(), rule))
})
