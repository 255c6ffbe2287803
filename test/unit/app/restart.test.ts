import { beforeEach, describe, expect, it } from "vitest"
import { restart } from "../../../src/app/restart.ts"
import type { HostAccess, RunResult } from "../../../src/core/ports.ts"
import { aTopology, type Change, changed, container, healthy, hostAway, signer } from "../../support/observed.ts"
import { aDeployment, type PaperDeployment } from "../../support/paper-deployment.ts"
import { fullTopology } from "../../support/sample-topologies.ts"
import { speakingHosts } from "../../support/speaking-hosts.ts"

const standard = aTopology()
const ok = (stdout = ""): RunResult => ({ code: 0, stdout, stderr: "" })

let did: string[]
let deployment: PaperDeployment

beforeEach(() => {
  did = []
})

type Way = { readonly lock?: "free" | "held"; readonly restarts?: RunResult; readonly hostEpoch?: number }

/** Hosts that answer what was seen, with a lock, an engine that restarts and an audit log. */
function site(changes: readonly Change[] = [], way: Way = {}, topology = standard): void {
  const hosts = speakingHosts(topology, changed(healthy(topology), ...changes), () => deployment.clock)
  deployment = aDeployment(Object.fromEntries(Object.entries(hosts).map(([name, access]) => [name, acting(name, access, way)])), {
    topology,
  })
}

function acting(name: string, access: HostAccess, { lock = "free", restarts = ok(), hostEpoch = 0 }: Way): HostAccess {
  return {
    ...access,
    run: async (argv, options) => {
      const what = argv[3] ?? ""
      if (argv[0] === "cat") return ok("boris@office: promote node-2\n")
      if (argv[0] !== "sh" || argv[1] !== "-c") return access.run(argv, options)
      if (what === "next-epoch") return ok("4\n")
      if (what === "next-host-epoch") return ok(`${hostEpoch + 1}\n`)
      if (what === "knock") return ok("status running\nanswers 200\n")
      did.push(
        `${name}: ${what}${what.startsWith("restart-") ? ` ${argv[4]}` : ""}${what === "audit" ? ` ${argv[5]?.replace(/^\S+ \S+ /, "")}` : ""}`,
      )
      return what === "restart-node" ? restarts : ok()
    },
    inspect: async (wanted) => (await access.containers()).find((each) => each.name === wanted),
    start: async (wanted) => {
      did.push(`${name}: start ${wanted}`)
    },
    logs: async () => [],
    hold: async () => {
      if (lock === "held") return { code: 75, stdout: "", stderr: "" }
      did.push(`${name}: lock`)
      return {
        lost: new Promise<string>(() => {}),
        release: async () => {
          did.push(`${name}: unlock`)
        },
      }
    },
  }
}

const nobodyAsks = async () => {
  throw new Error("this test did not expect a question")
}
const yes = async () => {}

describe("a restart", () => {
  it("of a sentry needs no lock of a signer, and leaves a line on its host", async () => {
    site()
    await restart(deployment, { node: "sentry-1", costAccepted: false }, yes)
    expect(did).toEqual([
      "sen-1: lock",
      "sen-1: restart-node lab-sentry-1",
      "sen-1: audit restart of sentry-1: done (20261123-120000-restart)",
      "sen-1: unlock",
    ])
  })

  it("of a sentry is done also while the signer's host is away", async () => {
    site([hostAway("sig-1")])
    await restart(deployment, { node: "sentry-1", costAccepted: false }, yes)
    expect(did).toContain("sen-1: restart-node lab-sentry-1")
  })

  it("of a standby holds the signer's lock until it is parked again, and not while it catches up", async () => {
    site()
    await restart(deployment, { node: "node-2", costAccepted: false }, yes)
    expect(did.map((line) => line.replace(/ \(.*/, ""))).toEqual([
      "val-2: lock",
      "sig-1: lock",
      "val-2: restart-node lab-node-2",
      "val-2: start lab-node-2-parking",
      "sig-1: unlock",
      "val-2: audit restart of node-2: done",
      "val-2: unlock",
    ])
    const journal = deployment.local.texts.get(".gonka-ha/journal/20261123-120000-restart.jsonl") ?? ""
    expect(journal.split("\n")[0]).toContain('"kind":"restart"')
    expect(journal).toContain('"result":"done"')
  })

  it("of the active node is done when the chain shows its signatures, and no file of a signer was written", async () => {
    site()
    const plan = await restart(deployment, { node: "node-1", costAccepted: true }, yes)
    expect(plan.costs).toEqual(["main: about 17 blocks missed, of the 50 blocks left until jail"])
    expect(did.map((line) => line.replace(/ \(.*/, ""))).toEqual([
      "val-1: lock",
      "sig-1: lock",
      "val-1: restart-node lab-node-1",
      "sig-1: unlock",
      "val-1: audit restart of node-1: done",
      "val-1: unlock",
    ])
    expect(deployment.events.filter(({ kind }) => kind === "step-done")).toMatchObject([
      { title: "node-1: restart" },
      { title: "main: signer connected to node-1" },
      { title: "main: see 2 blocks signed through node-1" },
      { title: "node-1: wait until fresh" },
    ])
  })
})

describe("a restart of a load balancer", () => {
  it("is done by the name of its container, and says what it costs", async () => {
    site([], {}, fullTopology)
    const { costs } = await restart(deployment, { node: "manager-balancer", costAccepted: false }, yes)
    expect(costs).toEqual(["no block; api manager loses its node for about 2.0s, and dials again"])
    expect(did).toEqual([
      "api-1: lock",
      "api-1: restart-balancer base-manager-balancer",
      "api-1: audit restart of manager-balancer: done (20261123-120000-restart)",
      "api-1: unlock",
    ])
  })

  it.each([
    { what: "it has other files than its container was made from", change: { digest: "old" } },
    { what: "it does not exist", change: "gone" as const },
  ])("is refused when $what", async ({ change }) => {
    site([container("edge-1", "public-1-balancer", change)], {}, fullTopology)
    await expect(restart(deployment, { node: "public-1-balancer", costAccepted: false }, nobodyAsks)).rejects.toMatchObject({
      code: "REFUSED",
      exit: 6,
    })
    expect(did).toEqual([])
  })
})

describe("nothing is touched", () => {
  it("when the node is active and the cost was not accepted: exit 6, before anything is asked", async () => {
    site()
    await expect(restart(deployment, { node: "node-1", costAccepted: false }, nobodyAsks)).rejects.toMatchObject({
      code: "REFUSED",
      exit: 6,
      issues: [{ message: expect.stringContaining("about 17 blocks missed, of the 50 blocks left until jail") }],
    })
    expect(did).toEqual([])
  })

  it("when the operator says no", async () => {
    site()
    const no = () => Promise.reject(new Error("cancelled"))
    await expect(restart(deployment, { node: "node-2", costAccepted: false }, no)).rejects.toThrow("cancelled")
    expect(did).toEqual([])
  })

  it.each([
    { what: "its host is away", changes: [hostAway("val-2")], exit: 9 },
    { what: "there is no container", changes: [container("val-2", "node-2", "gone")], exit: 6 },
  ])("when $what: exit $exit", async ({ changes, exit }) => {
    site(changes)
    await expect(restart(deployment, { node: "node-2", costAccepted: false }, nobodyAsks)).rejects.toMatchObject({ exit })
    expect(did).toEqual([])
  })

  it("when somebody has the lock: exit 8", async () => {
    site([], { lock: "held" })
    await expect(restart(deployment, { node: "node-2", costAccepted: false }, yes)).rejects.toMatchObject({ code: "LOCK_HELD", exit: 8 })
    expect(did).toEqual([])
  })

  it("when somebody worked on the signer since the look: exit 6", async () => {
    site([signer({ epoch: 2 })])
    await expect(restart(deployment, { node: "node-2", costAccepted: false }, yes)).rejects.toMatchObject({ code: "REFUSED", exit: 6 })
    expect(did).toEqual(["val-2: lock", "sig-1: lock", "sig-1: unlock", "val-2: unlock"])
  })

  it("when somebody worked on its host since the look: exit 6", async () => {
    site([], { hostEpoch: 1 })
    await expect(restart(deployment, { node: "node-2", costAccepted: false }, yes)).rejects.toMatchObject({
      code: "REFUSED",
      exit: 6,
      message: "somebody worked on val-2 since this plan was made; nothing was changed",
    })
    expect(did).toEqual(["val-2: lock", "val-2: unlock"])
  })

  it("when there is no such node: exit 64", async () => {
    site()
    await expect(restart(deployment, { node: "node-9", costAccepted: false }, nobodyAsks)).rejects.toMatchObject({ exit: 64 })
  })
})

it("is told as half-way when the engine fails: exit 7, with a line in the audit log and the lock let go", async () => {
  site([], { restarts: { code: 1, stdout: "", stderr: "no space left on device" } })
  await expect(restart(deployment, { node: "node-2", costAccepted: false }, yes)).rejects.toMatchObject({
    exit: 7,
    message: "lab-node-2 on val-2 could not be restarted: no space left on device",
  })
  expect(did.slice(3)).toEqual([
    "sig-1: unlock",
    expect.stringMatching(/^val-2: audit restart of node-2: stopped: .*no space left/),
    "val-2: unlock",
  ])
})
