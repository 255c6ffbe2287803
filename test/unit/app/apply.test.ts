import { describe, expect, it } from "vitest"
import { apply } from "../../../src/app/apply.ts"
import { plan } from "../../../src/app/plan.ts"
import { AppError, EXIT } from "../../../src/core/errors.ts"
import type { HostAccess } from "../../../src/core/ports.ts"
import type { Topology } from "../../../src/core/topology.ts"
import { aTopology, type Change, changed, container, healthy, host, hostAway, node, owner } from "../../support/observed.ts"
import { readableHosts, withConfig } from "../../support/older-world.ts"
import { aDeployment, type PaperDeployment } from "../../support/paper-deployment.ts"
import { speakingHosts } from "../../support/speaking-hosts.ts"

const topology = aTopology()
/** Somebody has edited one file; to put it right again is all that there is to do. */
const edited = host("sen-1", ({ files }) => ({ files: new Map([...files, ["RUNBOOK.md", "edited"]]) }))

type Site = { readonly deployment: PaperDeployment; readonly did: readonly string[] }

/** Hosts with this world on them, which take files and audit lines; `files` are the operator's. */
function site(changes: readonly Change[], local?: PaperDeployment["local"], wanted: Topology = topology): Site {
  const did: string[] = []
  const hosts = readableHosts(
    speakingHosts(topology, changed(healthy(topology), ...changes), () => paper.clock),
    new Map(),
  )
  const changeable = Object.fromEntries(
    Object.entries(hosts).map(([name, here]): [string, HostAccess] => [
      name,
      {
        ...here,
        hold: async () => ({ lost: new Promise<string>(() => {}), release: async () => {} }),
        push: async (path) => void did.push(`push ${name} ${path}`),
        run: async (argv, options) => {
          if (argv[3] === "next-host-epoch") return { code: 0, stdout: "1\n", stderr: "" }
          if (argv[3]?.endsWith("-generation")) return { code: 0, stdout: "", stderr: "" }
          if (argv[3] !== "audit") return here.run(argv, options)
          did.push(`audit ${name} ${argv[5]?.replace(/^\S+ /, "").replace(/ \(.*\)$/, "")}`)
          return { code: 0, stdout: "", stderr: "" }
        },
      },
    ]),
  )
  const paper: PaperDeployment = aDeployment(changeable, { topology: wanted })
  return { deployment: local === undefined ? paper : { ...paper, local }, did }
}

const VERSION = "1.2.3"
const yes = async () => {}

/** A plan is made in one world and applied in another one. */
async function applied(
  before: readonly Change[],
  now: readonly Change[],
  options: { readonly version?: string; readonly wanted?: Topology } = {},
) {
  const { deployment } = site(before)
  await plan(deployment, { version: VERSION, out: "plan.json" })
  const later = site(now, deployment.local, options.wanted)
  const asked: string[] = []
  const outcome = await apply(later.deployment, { file: "plan.json", version: options.version ?? VERSION }, async (report) => {
    asked.push(...report.hosts.flatMap(({ steps }) => steps.map(({ title }) => title)))
  }).then(
    (result) => ({ changed: result.changed }),
    (error: unknown) => {
      if (!(error instanceof AppError)) throw error
      return {
        exit: error.exit,
        message: error.message,
        hint: error.hint,
        issues: error.issues.map(({ path, message }) => `${path}: ${message}`),
      }
    },
  )
  return { outcome, asked, did: later.did, local: deployment.local }
}

describe("apply", () => {
  it("does what the plan says once it is confirmed, and leaves a journal and an audit line", async () => {
    const { outcome, asked, did, local } = await applied([edited], [edited])
    expect([outcome, asked]).toEqual([{ changed: true }, ["sen-1: install 1 file"]])
    expect(did).toEqual([`push sen-1 ${topology.dir}/RUNBOOK.md`, "audit sen-1 anna@desk apply: 1 steps done"])
    expect([...local.texts.keys()].filter((path) => path.includes("/journal/"))).toEqual([".gonka-ha/journal/20261123-120000-apply.jsonl"])
  })

  it("goes on although blocks, heights and ages have moved", async () => {
    const later = [edited, node("sentry-1", { height: 1003, ageMs: 900 }), node("node-1", { height: 1003 })]
    expect((await applied([edited], later)).outcome).toEqual({ changed: true })
  })

  it("has nothing to do, and asks nothing, where the plan is empty", async () => {
    const { outcome, asked, did } = await applied([], [])
    expect([outcome, asked, did]).toEqual([{ changed: false }, [], []])
  })

  it("changes nothing when it is not confirmed", async () => {
    const { deployment, did } = site([edited])
    await plan(deployment, { version: VERSION, out: "plan.json" })
    const no = () => Promise.reject(new AppError("CANCELLED", EXIT.cancelled, "cancelled"))
    await expect(apply(deployment, { file: "plan.json", version: VERSION }, no)).rejects.toMatchObject({ exit: 10 })
    expect(did).toEqual([])
  })
})

describe("apply refuses with exit 6, before anything is asked or changed,", () => {
  it("a world that has moved, naming what moved and the way on", async () => {
    const moved = [edited, container("sen-2", "sentry-2", "gone"), owner("node-2", "val-2", "validator")]
    const { outcome, asked, did } = await applied([edited], moved)
    expect(outcome).toEqual({
      exit: 6,
      message: "the plan in plan.json was made for a world that has moved since, so nothing was changed",
      hint: "a new plan is needed: gonka-ha plan --out plan.json",
      issues: [
        "sen-2: container lab-sentry-2 is gone",
        "val-2: the owner of the signing port of node-2 changed (owner parking -> validator)",
      ],
    })
    expect([asked, did]).toEqual([[], []])
  })

  it("a world in which everything was done already", async () => {
    expect((await applied([edited], [])).outcome).toMatchObject({ exit: 6, issues: ["sen-1: file RUNBOOK.md changed"] })
  })

  it("the first of two plans that was not applied first", async () => {
    const other = host("sen-2", ({ files }) => ({ files: new Map([...files, ["RUNBOOK.md", "edited"]]) }))
    expect((await applied([edited, other], [edited])).outcome).toMatchObject({ exit: 6, issues: ["sen-2: file RUNBOOK.md changed"] })
  })

  it("a file that was edited since", async () => {
    const wanted = withConfig("sentry-1", { "p2p.pex": false })
    expect((await applied([edited], [edited], { wanted })).outcome).toMatchObject({
      exit: 6,
      issues: ["lab: the topology file, or what is rendered from it, has changed since the plan was made"],
    })
  })

  it("another deployment, and another version", async () => {
    const wanted = aTopology({ deployment: "other" })
    expect((await applied([edited], [edited], { wanted })).outcome).toMatchObject({
      exit: 6,
      issues: [expect.stringContaining("describes other")],
    })
    expect((await applied([edited], [edited], { version: "1.2.4" })).outcome).toMatchObject({
      exit: 6,
      issues: ["lab: the plan was made by gonka-ha 1.2.3, and this is 1.2.4"],
    })
  })
})

it("says with exit 9 which host is away, and changes nothing", async () => {
  const { outcome, did } = await applied([edited], [edited, hostAway("val-2")])
  expect([outcome, did]).toEqual([expect.objectContaining({ exit: 9, issues: [expect.stringMatching(/^val-2: /)] }), []])
})

it("takes no file that is not a plan", async () => {
  const { deployment } = site([edited])
  await deployment.local.create("gonka-ha.yaml", "name: lab\n", 0o644)
  for (const file of ["gonka-ha.yaml", "missing.json"])
    await expect(apply(deployment, { file, version: VERSION }, yes)).rejects.toMatchObject({ code: "FILE_UNREADABLE", exit: 64 })
})
