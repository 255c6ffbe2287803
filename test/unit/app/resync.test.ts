import { beforeEach, describe, expect, it } from "vitest"
import { resync } from "../../../src/app/resync.ts"
import { resyncedText, resyncPlanText } from "../../../src/cli/show-resync.ts"
import type { ContainerSeen } from "../../../src/core/observe/state.ts"
import type { HostAccess, RunResult } from "../../../src/core/ports.ts"
import { MEASURED_DATA } from "../../support/measured-data.ts"
import { aged, aTopology, type Change, changed, healthy, hostAway, owner, signer } from "../../support/observed.ts"
import { aDeployment, type PaperDeployment } from "../../support/paper-deployment.ts"
import { speakingHosts } from "../../support/speaking-hosts.ts"

const topology = aTopology()
const ok = (stdout = ""): RunResult => ({ code: 0, stdout, stderr: "" })
const LISTED = `${"a".repeat(64)} 3 6000\n`
const OPERATION = "20261123-120000-resync"

let did: string[]
let deployment: PaperDeployment

beforeEach(() => {
  did = []
})

type Way = {
  /** What a host says instead, by the name of the program. */
  readonly says?: Readonly<Record<string, RunResult>>
  /** What the copied files' list is at the node. */
  readonly arrived?: string
  /** Called when the stream of data begins. */
  readonly onStream?: () => void
  readonly lockIsHeld?: boolean
}

/** Hosts that answer what was seen, with locks, engines that stop and start, and chain data. */
function site(changes: readonly Change[] = [], way: Way = {}): void {
  const observed = changed(healthy(topology), ...changes)
  const status = new Map<string, string>()
  const hosts = speakingHosts(topology, observed, () => deployment.clock)
  deployment = aDeployment(Object.fromEntries(Object.entries(hosts).map(([name, access]) => [name, acting(name, access, way, status)])), {
    topology,
  })
}

function acting(name: string, access: HostAccess, way: Way, status: Map<string, string>): HostAccess {
  const now = (container: ContainerSeen): ContainerSeen => ({ ...container, status: status.get(container.name) ?? container.status })
  const start = (container: string) => {
    if (status.get(container) === "exited") status.set(container, "running")
  }
  return {
    ...access,
    run: async (argv, options) => {
      const what = argv[3] ?? ""
      if (argv[0] === "docker" && argv[1] === "inspect") return ok(`${status.get(argv.at(-1) ?? "")} 2026-11-20T08:00:00Z\n`)
      if (argv[0] === "cat") return ok("boris@office: promote node-2\n")
      if (argv[0] !== "sh" || argv[1] !== "-c") return access.run(argv, options)
      if (what === "next-epoch") return ok(`${nextEpoch++}\n`)
      if (what === "next-host-epoch") return ok("1\n")
      if (what === "measure") return ok(MEASURED_DATA)
      if (what === "list-data") return ok(argv[4]?.endsWith("/incoming") ? (way.arrived ?? LISTED) : LISTED)
      did.push(`${name}: ${what}${what === "audit" ? ` ${argv[5]?.replace(/^\S+ \S+ /, "")}` : ` ${argv.slice(4).join(" ")}`}`)
      if (what === "stop-node") status.set(argv[4] ?? "", "exited")
      return way.says?.[what] ?? ok()
    },
    stream: async (argv, { out }) => {
      did.push(`${name}: ${argv[3]} ${argv.slice(4).join(" ")}`)
      way.onStream?.()
      for (const piece of ["one", "two"]) {
        deployment.clock.advance(3000)
        await out(Buffer.from(piece.repeat(1000)))
      }
      return deployment.signal.aborted ? undefined : 0
    },
    feed: async (argv) => {
      did.push(`${name}: ${argv[3]} ${argv.slice(4).join(" ")}`)
      let bytes = 0
      return {
        write: async (piece) => {
          bytes += piece.length
          return true
        },
        end: async () => {
          did.push(`${name}: ${bytes} bytes came`)
          return way.says?.["receive-data"] ?? ok()
        },
        abort: () => did.push(`${name}: abort`),
      }
    },
    containers: async () => (await access.containers()).map(now),
    inspect: async (wanted) => (await access.containers()).map(now).find((each) => each.name === wanted),
    start: async (wanted) => {
      did.push(`${name}: start ${wanted}`)
      start(wanted)
    },
    logs: async () => [],
    hold: async (argv) => {
      const container = argv[3] === "keep-stopped" ? (argv[4] ?? "") : undefined
      if (container === undefined && way.lockIsHeld) return { code: 75, stdout: "", stderr: "" }
      did.push(container === undefined ? `${name}: lock` : `${name}: keep ${container} stopped`)
      if (container !== undefined) status.set(container, "exited")
      return {
        lost: new Promise<string>(() => {}),
        release: async () => {
          did.push(container === undefined ? `${name}: unlock` : `${name}: let go`)
          if (container !== undefined) start(container)
        },
      }
    },
  }
}

let nextEpoch = 4
beforeEach(() => {
  nextEpoch = 4
})

const nobodyAsks = async () => {
  throw new Error("this test did not expect a question")
}
const yes = async () => {}
const again = { node: "node-2", from: undefined, costAccepted: true, dryRun: false }
const HOME = `${topology.dir}/nodes/node-2/home`

describe("a resync", () => {
  it("stops, sets aside, starts and parks under the signer's lock, and waits without it", async () => {
    site()
    const done = await resync(deployment, again, yes)
    expect(did.map((line) => line.replace(/ \(.*/, ""))).toEqual([
      "val-2: lock",
      "sig-1: lock",
      "val-2: stop-node lab-node-2",
      `val-2: renew-data ${HOME} ${HOME}/set-aside/${OPERATION} bare ${HOME}/incoming`,
      "val-2: start lab-node-2",
      "val-2: start lab-node-2-parking",
      "sig-1: unlock",
      "val-2: audit resync of node-2: done",
      "val-2: unlock",
    ])
    expect(resyncedText(done)).toBe(
      [
        "resync: node-2 is fresh again",
        "what it had before, 2 MiB, lies on val-2 in",
        `  ${HOME}/set-aside/${OPERATION}`,
        "when it is not needed any more:",
        `  gonka-ha ssh val-2 -- rm -r -- ${HOME}/set-aside/${OPERATION}`,
        "",
      ].join("\n"),
    )
    const journal = deployment.local.texts.get(`.gonka-ha/journal/${OPERATION}.jsonl`) ?? ""
    expect(journal.split("\n")[0]).toContain('"kind":"resync"')
    expect(journal).toContain('"result":"done"')
  })

  it("copies between hosts with the sibling stopped and no lock of a signer held, and touches the node when the sibling is back", async () => {
    site()
    await resync(deployment, { ...again, from: "sentry-1" }, yes)
    expect(did.map((line) => line.replace(/ \(.*/, ""))).toEqual([
      "sen-1: lock",
      "val-2: lock",
      "sig-1: lock",
      "sen-1: keep lab-sentry-1 stopped",
      "sig-1: unlock",
      `val-2: receive-data ${HOME}/incoming`,
      `sen-1: send-data ${topology.dir}/nodes/sentry-1/home without-snapshots`,
      "val-2: 6000 bytes came",
      "sen-1: let go",
      "sig-1: lock",
      "val-2: stop-node lab-node-2",
      `val-2: renew-data ${HOME} ${HOME}/set-aside/${OPERATION} copied ${HOME}/incoming`,
      "val-2: start lab-node-2",
      "val-2: start lab-node-2-parking",
      "sig-1: unlock",
      "val-2: audit resync of node-2 from sentry-1: done",
      "sen-1: audit resync of node-2 from sentry-1: done",
      "sen-1: unlock",
      "val-2: unlock",
    ])
    expect(deployment.events).toContainEqual(
      expect.objectContaining({ kind: "waiting", what: "the copy from sentry-1 to node-2", now: expect.stringContaining("of 0 MiB") }),
    )
  })

  it("is only shown in a dry run", async () => {
    site([aged("node-2", 600_000)])
    const { plan, aside } = await resync(deployment, { ...again, dryRun: true }, nobodyAsks)
    expect([aside, did]).toEqual([undefined, []])
    expect(resyncPlanText(plan)).toBe(
      [
        "Plan: resync node-2",
        "  1  node-2: set its chain data aside, and start it without any",
        "     without data it begins as a new node does",
        "  2  node-2: park",
        "     node-2 follows the chain only with a signer on its port",
        "  3  node-2: wait until fresh",
        "     only then what was set aside is not needed any more",
        "note  it runs the whole chain again from its first block (bootstrap: genesis);",
        "      a copy with --from is quicker as a rule",
        "note  the 2 MiB that node-2 has now are set aside on val-2, and nothing is",
        "      deleted",
        "cost  nothing",
        "",
      ].join("\n"),
    )
  })
})

describe("the sibling runs again, and the node was not touched", () => {
  const untouched = () => {
    expect(did).toContain("sen-1: let go")
    expect(did.filter((line) => /stop-node|renew-data/.test(line))).toEqual([])
    expect(did.some((line) => line.startsWith(`val-2: forget-copy ${HOME}/incoming`))).toBe(true)
  }

  it("when less came than was there", async () => {
    site([], { arrived: `${"b".repeat(64)} 2 3000\n` })
    await expect(resync(deployment, { ...again, from: "sentry-1" }, yes)).rejects.toMatchObject({
      exit: 7,
      message: "the copy is not whole, and was thrown away: 2 files of 3 came, 0 MiB of 0 MiB",
    })
    untouched()
  })

  it("when the disk is full", async () => {
    site([], { says: { "receive-data": { code: 2, stdout: "", stderr: "tar: no space left on device\n" } } })
    await expect(resync(deployment, { ...again, from: "sentry-1" }, yes)).rejects.toMatchObject({
      exit: 7,
      message: "the copy for node-2 could not be written on val-2: tar: no space left on device",
    })
    untouched()
  })

  it("when the copy is interrupted: exit 130", async () => {
    site([], { onStream: () => deployment.interrupt() })
    await expect(resync(deployment, { ...again, from: "sentry-1" }, yes)).rejects.toMatchObject({ exit: 130 })
    expect(did).toContain("val-2: abort")
    untouched()
  })
})

describe("nothing is touched", () => {
  it.each([
    { what: "the node signs", request: { ...again, node: "node-1" }, changes: [], exit: 6 },
    { what: "the sibling signs", request: { ...again, from: "node-1" }, changes: [], exit: 6 },
    { what: "the only fresh standby would be away", request: { ...again, costAccepted: false }, changes: [], exit: 6 },
    { what: "its host is away", request: again, changes: [hostAway("val-2")], exit: 9 },
    { what: "the sibling's host is away", request: { ...again, from: "sentry-1" }, changes: [hostAway("sen-1")], exit: 9 },
    { what: "there is no such sibling", request: { ...again, from: "sentry-9" }, changes: [], exit: 64 },
    { what: "it would be copied from itself", request: { ...again, from: "node-2" }, changes: [], exit: 64 },
    { what: "its port is nobody's", request: again, changes: [owner("node-2", "val-2", undefined)], exit: 6 },
  ])("when $what: exit $exit", async ({ request, changes, exit }) => {
    site(changes)
    await expect(resync(deployment, request, nobodyAsks)).rejects.toMatchObject({ exit })
    expect(did).toEqual([])
  })

  it("when somebody has the lock: exit 8", async () => {
    site([], { lockIsHeld: true })
    await expect(resync(deployment, again, yes)).rejects.toMatchObject({ code: "LOCK_HELD", exit: 8 })
    expect(did).toEqual([])
  })

  it("when somebody worked on the signer since the look: exit 6", async () => {
    site([signer({ epoch: 1 })])
    await expect(resync(deployment, again, yes)).rejects.toMatchObject({ code: "REFUSED", exit: 6 })
    expect(did).toEqual(["val-2: lock", "sig-1: lock", "sig-1: unlock", "val-2: unlock"])
  })
})
