import { beforeEach, describe, expect, it } from "vitest"
import { abort, resume } from "../../../src/app/resume.ts"
import type { PendingOperation } from "../../../src/core/observe/state.ts"
import type { HostAccess, RunResult } from "../../../src/core/ports.ts"
import {
  aProcess,
  aTopology,
  type Change,
  changed,
  healthy,
  host,
  hostAway,
  nodeAway,
  owner,
  signer,
  signerStopped,
  unparked,
} from "../../support/observed.ts"
import { aDeployment, type PaperDeployment } from "../../support/paper-deployment.ts"
import { type Sayings, speakingHosts } from "../../support/speaking-hosts.ts"

const operation: PendingOperation = {
  id: "20261123-115800-promote-main",
  kind: "promote",
  from: "node-1",
  to: "node-2",
  by: "anna@desk",
  since: "2026-11-23T11:58:00.000Z",
  startHeight: 900,
}
const ok = (stdout = ""): RunResult => ({ code: 0, stdout, stderr: "" })

/** What was done on the signer's host, by the names of the programs. */
let did: string[]
/** What was written about the operation. */
let recorded: PendingOperation[]
let deployment: PaperDeployment

beforeEach(() => {
  did = []
  recorded = []
})

/** Hosts that answer what was seen; the lock is free, and the first thing that is done to a node fails. */
function site(changes: readonly Change[], sayings: Sayings = {}, lock: "free" | "held" = "free"): void {
  const topology = aTopology()
  const hosts = speakingHosts(topology, changed(healthy(topology), ...changes), () => deployment.clock, sayings)
  deployment = aDeployment(Object.fromEntries(Object.entries(hosts).map(([name, access]) => [name, doing(name, access, lock)])), {
    topology,
  })
}

function doing(name: string, access: HostAccess, lock: "free" | "held"): HostAccess {
  return {
    ...access,
    run: async (argv, options) => {
      const [program, , , what = ""] = argv
      if (program === "cat") return ok("boris@office since 2026-11-23T11:59:00.000Z: promote node-2\n")
      if (program !== "sh" || argv[1] !== "-c") return access.run(argv, options)
      if (what === "next-epoch") return ok("4\n")
      did.push(`${name}: ${what}`)
      if (what === "write" && argv[6] === "operation.json") recorded.push(JSON.parse(argv[7] ?? ""))
      return what === "give" ? { code: 1, stdout: "", stderr: "disk is full" } : ok()
    },
    inspect: async (container) => (await access.containers()).find((each) => each.name === container),
    hold: async () => {
      if (lock === "held") return { code: 75, stdout: "", stderr: "" }
      did.push("takes the lock")
      return {
        lost: new Promise<string>(() => {}),
        release: async () => {
          did.push("lets go of the lock")
        },
      }
    },
  }
}

const halfWay = signer({ operation })
const ends = [
  ["resume", resume],
  ["abort", abort],
] as const

describe.each(ends)("%s", (verb, end) => {
  it("has nothing to do where nothing was begun, and takes no lock for it", async () => {
    site([])
    await expect(end(deployment, undefined)).rejects.toMatchObject({
      code: "REFUSED",
      exit: 6,
      message: `nothing was left half-way: there is nothing to ${verb}`,
    })
    expect(did).toEqual([])
  })

  it("knows its validators", async () => {
    site([halfWay])
    await expect(end(deployment, "mine")).rejects.toMatchObject({
      code: "USAGE",
      message: "there is no validator mine",
      hint: "validators: main",
    })
  })

  it("leaves it to whoever is at it", async () => {
    site([halfWay], {}, "held")
    await expect(end(deployment, "main")).rejects.toMatchObject({
      code: "LOCK_HELD",
      exit: 8,
      message: "the signer of main is locked by boris@office since 2026-11-23T11:59:00.000Z: promote node-2",
    })
    expect(did).toEqual([])
  })

  const doubts: readonly {
    readonly name: string
    readonly changes: readonly Change[]
    readonly sayings?: Sayings
    readonly says: string
  }[] = [
    {
      name: "another tmkms runs",
      changes: [host("sen-1", ({ tmkms }) => ({ tmkms: [...tmkms, aProcess()] }))],
      says: "tmkms process 77 on sen-1 was not started by gonka-ha: it may hold the key",
    },
    { name: "the signer is fenced", changes: [signer({ operation, fence: "old disk" })], says: "old disk" },
    { name: "the state is missing", changes: [signer({ operation, state: { kind: "missing" } })], says: "missing" },
    {
      name: "the guard would not let it start again",
      changes: [],
      sayings: { guard: "guard: the signer does not start: the consensus key is missing" },
      says: "the consensus key is missing",
    },
    { name: "the guard cannot be asked", changes: [], sayings: { guard: "no such container" }, says: "the guard could not be asked" },
  ]

  it.each(doubts)("goes neither on nor back when $name, and the operation stays recorded", async ({ changes, sayings, says }) => {
    site([halfWay, ...changes], sayings)
    const error = await end(deployment, "main").catch((thrown) => thrown)
    expect(error).toMatchObject({ code: "REFUSED", exit: 7 })
    expect(error.issues.map(({ message }: { readonly message: string }) => message).join("\n")).toContain(says)
    expect([did, recorded]).toEqual([["takes the lock", "lets go of the lock"], []])
  })
})

it("finds nothing to do when it was finished before the lock was free", async () => {
  site([halfWay])
  const wasHalfWay = deployment.fleet.host("sig-1")
  site([])
  const finished = deployment.fleet.host("sig-1")
  let taken = false
  deployment = aDeployment(
    {
      ...Object.fromEntries(deployment.topology.hosts.map(({ name }) => [name, deployment.fleet.host(name)])),
      "sig-1": {
        ...finished,
        run: (argv, options) => (taken ? finished : wasHalfWay).run(argv, options),
        hold: (argv) => {
          taken = true
          return finished.hold(argv)
        },
      },
    },
    { topology: deployment.topology },
  )
  await expect(resume(deployment, undefined)).rejects.toMatchObject({ code: "REFUSED", message: "the operation was finished meanwhile" })
  expect(did).toEqual(["takes the lock", "lets go of the lock"])
})

/** The first step of what is left to do, which fails at the first touch of a node. */
async function firstStep(end: typeof resume, changes: readonly Change[]): Promise<string> {
  site([halfWay, ...changes])
  await expect(end(deployment, undefined)).rejects.toMatchObject({ exit: 7, hint: expect.stringContaining("--resume") })
  expect(did.at(-1)).toBe("lets go of the lock")
  const begun = deployment.events.find((event) => event.kind === "step-begins")
  return begun?.kind === "step-begins" ? begun.title : ""
}

const GIVEN = [owner("node-2", "val-2", "validator"), unparked("node-2", "val-2")]

describe("what is left to do", () => {
  it("is looked for in the world: a standby that was detached is parked again first", async () => {
    expect(await firstStep(resume, GIVEN)).toBe("node-2: privval port belongs to the parking signer")
    expect(recorded).toEqual([])
  })

  it("goes on from a signer that was stopped at once where the standby waits for it", async () => {
    expect(await firstStep(resume, [...GIVEN, signerStopped])).toBe("node-2: privval port belongs to the validator's signer")
  })

  it("backwards ends at the node that it came from, and is recorded before anything is done", async () => {
    expect(await firstStep(abort, [...GIVEN, signerStopped])).toBe("node-1: privval port belongs to the validator's signer")
    expect(recorded).toEqual([{ ...operation, kind: "abort", from: "node-2", to: "node-1" }])
    expect(did.indexOf("sig-1: write")).toBeLessThan(did.findIndex((what) => what.endsWith(": give")))
  })

  it("backwards where the signer never left is only to park the other node", async () => {
    site([halfWay, ...GIVEN])
    await abort(deployment, undefined).catch(() => undefined)
    const steps = deployment.events.flatMap((event) => (event.kind === "step-begins" ? [event.title] : []))
    expect(steps).toEqual(["main: signer connected to node-1", "node-2: privval port belongs to the parking signer"])
  })
})

describe("there is no way back", () => {
  const refused: readonly { readonly name: string; readonly changes: readonly Change[]; readonly message: string }[] = [
    {
      name: "from where it is being taken back already",
      changes: [signer({ operation: { ...operation, kind: "abort", from: "node-2", to: "node-1" } })],
      message: "it is being taken back to node-1 already",
    },
    { name: "to nowhere", changes: [signer({ operation: { ...operation, from: undefined } })], message: "it came from no node" },
    {
      name: "to a node whose host is away",
      changes: [signerStopped, hostAway("val-1", "no route"), nodeAway("node-1")],
      message: "its host cannot be asked",
    },
    { name: "to a node that does not answer", changes: [signerStopped, nodeAway("node-1")], message: "does not answer" },
  ]

  it.each(refused)("$name", async ({ changes, message }) => {
    site([halfWay, ...changes])
    const error = await abort(deployment, undefined).catch((thrown) => thrown)
    expect(error).toMatchObject({ code: "REFUSED", exit: 7, issues: [{ fix: expect.stringContaining("--resume") }] })
    expect(error.issues[0].message).toContain(message)
    expect([did, recorded]).toEqual([["takes the lock", "lets go of the lock"], []])
  })
})
