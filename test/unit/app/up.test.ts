import { beforeEach, describe, expect, it } from "vitest"
import { up, type Way } from "../../../src/app/up.ts"
import { AppError, EXIT } from "../../../src/core/errors.ts"
import type { Observed } from "../../../src/core/observe/state.ts"
import type { HostAccess, RunResult } from "../../../src/core/ports.ts"
import { containerName, type Topology } from "../../../src/core/topology.ts"
import { aged, aTopology, type Change, changed, container, filesOf, healthy, host, hostAway, nodeAway } from "../../support/observed.ts"
import { aDeployment, type PaperDeployment } from "../../support/paper-deployment.ts"
import { fullTopology } from "../../support/sample-topologies.ts"
import { speakingHosts } from "../../support/speaking-hosts.ts"

const standard = aTopology()
let topology = standard
let files = filesOf(topology)
const ok = (stdout = ""): RunResult => ({ code: 0, stdout, stderr: "" })
const edited = (on: string): Change => host(on, (seen) => ({ files: new Map([...seen.files, ["RUNBOOK.md", "edited"]]) }))
const outdated = (on: string, service: string) => container(on, service, { digest: "old" })

let world: Observed
let did: string[]
/** Hosts whose lock is held. */
const held = new Set<string>()
let deployment: PaperDeployment
/** What cannot be done on a host, by host and what. */
let broken: Map<string, string>
let before: (what: string) => void

/** Hosts that answer what is there now, and on which files, containers and audit lines can be changed. */
function site(...changes: readonly Change[]): void {
  siteOf(standard, ...changes)
}

function siteOf(which: Topology, ...changes: readonly Change[]): void {
  topology = which
  files = filesOf(topology)
  world = changed(healthy(topology), ...changes)
  deployment = aDeployment(Object.fromEntries(topology.hosts.map(({ name }) => [name, acting(name)])), { topology })
}

function acting(name: string): HostAccess {
  const now = (): HostAccess => {
    const access = speakingHosts(topology, world, () => deployment.clock)[name]
    if (!access) throw new Error(`no host ${name}`)
    return access
  }
  const act = (what: string): void => {
    expect(held).toContain(name)
    before(`${name}: ${what}`)
    did.push(`${name}: ${what}`)
    const reason = broken.get(`${name}: ${what}`)
    if (reason !== undefined) throw new AppError("REMOTE_COMMAND", EXIT.halfWay, reason)
  }
  return {
    ...now(),
    containers: () => now().containers(),
    rpc: (...question) => now().rpc(...question),
    inspect: async (wanted) => (await now().containers()).find((each) => each.name === wanted),
    logs: async () => ["panic: \x1b[31mbad config"],
    hold: async () => {
      held.add(name)
      return { lost: new Promise<string>(() => {}), release: async () => void held.delete(name) }
    },
    push: async (path) => {
      const short = path.replace(`${topology.dir}/`, "")
      act(`push ${short}`)
      const rendered = files.get(name)?.files.find((file) => file.path === short)
      world = changed(
        world,
        host(name, (seen) => ({ files: new Map([...seen.files, [short, rendered?.sha256 ?? ""]]) })),
      )
    },
    run: async (argv, options) => {
      if (argv[0] === "docker" && argv[1] === "compose") {
        const service = argv.at(-1) ?? ""
        act(`up ${service}`)
        world = changed(world, container(name, service, { status: "running", digest: files.get(name)?.serviceDigests.get(service) ?? "" }))
        return ok()
      }
      if (argv[3] === "knock") return ok("status running\nanswers 200\n")
      if (argv[3] === "next-host-epoch")
        return broken.has(`${name}: lock`) ? { code: 1, stdout: "", stderr: "cat: no space left on device\n" } : ok("1\n")
      if (argv[3]?.endsWith("-generation")) return ok()
      if (argv[0] === "docker" && argv[1] === "image") return ok("sha256:1\n")
      if (argv[3] === "audit") {
        did.push(`${name}: audit ${argv[5]?.replace(/^\S+ \S+ /, "").replace(/ \(.*\)$/, "")}`)
        return ok()
      }
      return now().run(argv, options)
    },
  }
}

beforeEach(() => {
  did = []
  broken = new Map()
  before = () => {}
})

async function run(way: Way = {}) {
  return up(deployment, { dryRun: false, ...way }, async () => {}).then(
    ({ changed: isChanged, steps }) => ({ changed: isChanged, steps }),
    (error: unknown) => {
      if (!(error instanceof AppError)) throw error
      return { exit: error.exit, message: error.message, issues: error.issues.map(({ path, message }) => `${path}: ${message}`) }
    },
  )
}

const skipped = () => deployment.events.flatMap((event) => (event.kind === "step-skipped" ? [`${event.title}: ${event.reason}`] : []))
const notes = () => deployment.events.flatMap((event) => (event.kind === "note" ? [event.text] : []))

describe("up", () => {
  it("does every part, and leaves an audit line on each host that it changed", async () => {
    site(edited("sen-1"), edited("val-2"))
    expect(await run()).toEqual({ changed: true, steps: 2 })
    expect([...did].sort()).toEqual([
      "sen-1: audit up: 2 steps done",
      "sen-1: push RUNBOOK.md",
      "val-2: audit up: 2 steps done",
      "val-2: push RUNBOOK.md",
    ])
    expect(await run()).toEqual({ changed: false, steps: 0 })
  })

  it("takes sentries one after the other", async () => {
    site(outdated("sen-1", "sentry-1"), outdated("sen-2", "sentry-2"))
    expect(await run()).toMatchObject({ changed: true, steps: 4 })
    expect(did.filter((line) => line.includes(": up "))).toEqual(["sen-1: up sentry-1", "sen-2: up sentry-2"])
  })

  it("does only what was asked for", async () => {
    site(edited("sen-1"), edited("val-2"))
    const scope = { hosts: new Set(["val-2"]), nodes: new Set<string>() }
    expect(await run({ scope })).toEqual({ changed: true, steps: 1 })
    expect(did[0]).toBe("val-2: push RUNBOOK.md")
  })

  it("looks anew before each part: what somebody has done meanwhile is not done again", async () => {
    site(outdated("sen-1", "sentry-1"), outdated("sen-2", "sentry-2"))
    before = (what) => {
      if (what === "sen-1: up sentry-1")
        world = changed(world, container("sen-2", "sentry-2", { digest: files.get("sen-2")?.serviceDigests.get("sentry-2") ?? "" }))
    }
    expect(await run()).toMatchObject({ changed: true, steps: 2 })
    expect(did.filter((line) => line.includes(": up "))).toEqual(["sen-1: up sentry-1"])
  })
})

describe("load balancers", () => {
  const doors = [outdated("edge-1", "public-1-balancer"), outdated("edge-2", "public-2-balancer")]
  /** What fails is tried again. */
  const done = () => [...new Set(did.filter((line) => line.includes(": up ")))]

  it("come last, one door after the other", async () => {
    siteOf(fullTopology, ...doors, outdated("sen-1", "sentry-1"), outdated("val-2", "node-2"))
    expect(await run()).toMatchObject({ changed: true })
    expect(done()).toEqual(["sen-1: up sentry-1", "val-2: up node-2", "edge-1: up public-1-balancer", "edge-2: up public-2-balancer"])
  })

  it("are not shut one after the other by files that are no good", async () => {
    siteOf(fullTopology, ...doors, outdated("api-1", "manager-balancer"))
    broken.set("edge-1: up public-1-balancer", "the port is taken")
    expect(await run()).toMatchObject({ exit: 7 })
    expect(done()).toEqual(["api-1: up manager-balancer", "edge-1: up public-1-balancer"])
    expect(skipped()).toEqual(["public-2-balancer: it needs public-1-balancer, which failed"])
  })

  it("are changed also when a node before them has failed: they find it when it is back", async () => {
    siteOf(fullTopology, doors[0] ?? (() => world), outdated("val-2", "node-2"))
    broken.set("val-2: up node-2", "the image is not there")
    expect(await run()).toMatchObject({ exit: 7 })
    expect(done()).toEqual(["val-2: up node-2", "edge-1: up public-1-balancer"])
  })

  it("are left alone when something has failed without which nothing can go on", async () => {
    siteOf(fullTopology, doors[0] ?? (() => world), outdated("val-2", "node-2"))
    before = (what) => {
      if (what === "val-2: up node-2") throw new AppError("LOCK_LOST", EXIT.halfWay, "somebody else works here")
    }
    expect(await run()).toMatchObject({ exit: 7 })
    expect(done()).toEqual([])
    expect(skipped()).toEqual(["public-1-balancer: something that concerns everything has failed"])
  })
})

describe("a host on which it fails", () => {
  it("takes along only what depends on it", async () => {
    site(edited("sen-1"), edited("sen-2"), edited("val-2"))
    broken.set("sen-1: push RUNBOOK.md", "no space left on device")
    expect(await run()).toEqual({ exit: 7, message: "no space left on device", issues: [] })
    expect(did.filter((line) => line.includes("push")).sort()).toEqual([
      "sen-1: push RUNBOOK.md",
      "sen-2: push RUNBOOK.md",
      "val-2: push RUNBOOK.md",
    ])
    expect(did.at(-1)).toContain("audit up: stopped: no space left on device")
  })

  it("is named with the others that failed, and so is what was skipped", async () => {
    site(
      outdated("sen-1", "sentry-1"),
      container("sen-2", "sentry-2", "gone"),
      nodeAway("sentry-1"),
      nodeAway("sentry-2"),
      outdated("val-2", "node-2"),
    )
    broken.set("sen-1: up sentry-1", "the image is not there").set("sen-2: up sentry-2", "the port is taken")
    expect(await run()).toEqual({
      exit: 7,
      message: "sentry-1, sentry-2 failed; the rest was done as far as it could be",
      issues: [
        "sentry-1: the image is not there",
        "sentry-2: the port is taken",
        "node-2: skipped: no sentry could be brought up, and it would stand without one",
      ],
    })
    expect(skipped()).toEqual(["node-2: no sentry could be brought up, and it would stand without one"])
  })

  it("shows the last lines of its container, with everything neutralised that a terminal would act upon", async () => {
    site(outdated("sen-1", "sentry-1"))
    broken.set("sen-1: up sentry-1", "it ended at once")
    await run()
    expect(notes()).toEqual(
      expect.arrayContaining([`the last lines of ${containerName(topology, "sentry-1")} on sen-1:`, "  panic: \\x1b[31mbad config"]),
    )
  })

  it("that goes away in the middle fails by itself", async () => {
    site(edited("sen-1"), edited("sen-2"), outdated("val-2", "node-2"))
    before = (what) => {
      if (what.startsWith("sen-1")) world = changed(world, hostAway("sen-2", "no route"))
    }
    const outcome = await run({ parallel: 1 })
    expect(outcome).toMatchObject({ exit: 7, message: "sen-2 cannot be asked: host sen-2: no route" })
    expect(did).toContain("val-2: up node-2")
  })
})

describe("a host that cannot even write its lock", () => {
  it("fails by itself, and nothing is done there", async () => {
    site(edited("sen-1"), edited("sen-2"), edited("val-2"))
    broken.set("sen-1: lock", "")
    expect(await run()).toEqual({ exit: 7, message: "the epoch of sen-1 could not be raised: cat: no space left on device", issues: [] })
    expect(did.filter((line) => line.includes("push")).sort()).toEqual(["sen-2: push RUNBOOK.md", "val-2: push RUNBOOK.md"])
    expect(did.filter((line) => line.startsWith("sen-1"))).toEqual([])
    expect(held).toEqual(new Set())
  })

  it("ends up before it begins when there is no other", async () => {
    site(edited("sen-1"))
    broken.set("sen-1: lock", "")
    expect(await run()).toMatchObject({ exit: 6, message: expect.stringContaining("no space left on device") })
    expect([did, held]).toEqual([[], new Set()])
  })

  it("keeps every validator where it is: nobody is promoted while a host gave no lock", async () => {
    site(outdated("val-1", "node-1"), edited("sen-1"))
    broken.set("sen-1: lock", "")
    expect(await run()).toMatchObject({ exit: 6, message: expect.stringContaining("the epoch of sen-1 could not be raised") })
    expect(skipped()).toEqual(["promotion away from node-1: something else has failed before it"])
  })

  it("keeps its active node, whatever could be done elsewhere", async () => {
    site(outdated("val-1", "node-1"), edited("sen-1"))
    broken.set("val-1: lock", "")
    expect(await run()).toMatchObject({ exit: 7, message: expect.stringContaining("the epoch of val-1 could not be raised") })
    expect(did.filter((line) => line.includes("push"))).toEqual(["sen-1: push RUNBOOK.md"])
  })
})

describe("a host that is away from the beginning", () => {
  it("stops everything, with exit 9 and the way round it", async () => {
    site(edited("sen-1"), hostAway("sen-2", "no route"))
    expect(await run()).toMatchObject({ exit: 9, issues: ["sen-2: host sen-2: no route"] })
    expect(did).toEqual([])
  })

  it("is left out when that is allowed, or when nothing of it was asked for", async () => {
    for (const way of [{ allowUnreachable: true }, { scope: { hosts: new Set(["sen-1"]), nodes: new Set<string>() } }]) {
      site(edited("sen-1"), hostAway("sen-2", "no route"))
      expect(await run(way)).toEqual({ changed: true, steps: 1 })
    }
  })
})

describe("an active node that is to be left", () => {
  const changes = [outdated("val-1", "node-1"), edited("sen-1")]

  it("stays, and up says so and fails, when its standby is not fresh any more once everything else is done", async () => {
    site(...changes)
    before = () => {
      world = changed(world, aged("node-2", 600_000))
    }
    expect(await run()).toMatchObject({ exit: 7, message: expect.stringContaining("no other candidate of main is fresh") })
  })

  it("stays when up was interrupted before, which is no success", async () => {
    site(...changes)
    before = () => deployment.interrupt()
    expect(await run()).toMatchObject({ exit: 130, message: "interrupted before the promotion away from node-1" })
  })

  it("stays when something else has failed before", async () => {
    site(...changes)
    broken.set("sen-1: push RUNBOOK.md", "no space left on device")
    expect(await run()).toMatchObject({ exit: 7, message: "no space left on device" })
    expect(skipped()).toEqual(["promotion away from node-1: something else has failed before it"])
  })
})

it("waits for room before it takes a node away, and gives up with the reason", async () => {
  site(outdated("sen-1", "sentry-1"), aged("sentry-2", 600_000))
  const outcome = await run()
  expect(outcome).toMatchObject({ message: expect.stringContaining("sentry-2 is stale: one sentry node at a time is away, not two") })
  expect(did.filter((line) => line.includes(": up "))).toEqual([])
})

it("goes on once there is room again", async () => {
  site(outdated("sen-1", "sentry-1"), aged("sentry-2", 600_000))
  const { sleep } = deployment.clock
  let looks = 0
  deployment.clock.sleep = async (ms) => {
    if (++looks === 3) world = changed(world, aged("sentry-2", 1000))
    return sleep.call(deployment.clock, ms)
  }
  expect(await run()).toMatchObject({ changed: true })
})

it("does what is to be done once there is room, and not what was to be done before", async () => {
  site(outdated("sen-1", "sentry-1"), aged("sentry-2", 600_000))
  const { sleep } = deployment.clock
  let looks = 0
  deployment.clock.sleep = async (ms) => {
    const done = container("sen-1", "sentry-1", { digest: files.get("sen-1")?.serviceDigests.get("sentry-1") ?? "" })
    if (++looks === 3) world = changed(world, aged("sentry-2", 1000), done)
    return sleep.call(deployment.clock, ms)
  }
  await run()
  expect(did.filter((line) => line.includes(": up "))).toEqual([])
})

it("ends a wait at the time that was allowed", async () => {
  site(outdated("sen-1", "sentry-1"), aged("sentry-2", 600_000))
  expect(await run({ waitLimitMs: 5000 })).toMatchObject({ message: expect.stringContaining("as long as was allowed") })
})

it("begins nothing new once it was interrupted", async () => {
  site(outdated("sen-1", "sentry-1"), outdated("sen-2", "sentry-2"))
  before = (what) => {
    if (what === "sen-1: up sentry-1") deployment.interrupt()
  }
  expect(await run()).toMatchObject({ exit: 130 })
  expect(did.filter((line) => line.includes(": up "))).toEqual(["sen-1: up sentry-1"])
})
