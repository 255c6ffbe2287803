import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { issueText } from "../../../../src/core/issue.ts"
import { type Observed, type PendingOperation, seen } from "../../../../src/core/observe/state.ts"
import { whoSigns } from "../../../../src/core/observe/who-signs.ts"
import { type Step, stepTitle } from "../../../../src/core/plan/step.ts"
import { planUp, type UpPlan, unreachableHosts } from "../../../../src/core/plan/up.ts"
import {
  aged,
  aProcess,
  aTopology,
  bare,
  type Change,
  changed,
  container,
  filesOf,
  healthy,
  host,
  hostAway,
  nodeAway,
  owner,
  parkingProcess,
  placeOfSigner,
  secretsOf,
  seenContainer,
  seenSlashing,
  signer,
  signerProcess,
  signerStopped,
  theValidator,
  unparked,
  WELL_HOST,
} from "../../../support/observed.ts"

const topology = aTopology()
const files = filesOf(topology)
const secrets = secretsOf(topology)
const validator = theValidator(topology)

const planFor = (observed: Observed) => planUp(topology, files, secrets, observed)

function up(observed: Observed): UpPlan {
  const plan = planFor(observed)
  if ("refused" in plan) throw new Error(`refused: ${plan.refused.map(issueText).join("; ")}`)
  return plan
}

const titles = (steps: readonly Step[]) => steps.map(stepTitle)
const upAfter = (...changes: readonly Change[]) => up(changed(healthy(topology), ...changes))
const heldBack = ({ heldBack: issues }: UpPlan) => issues.map(({ path, message }) => `${path}: ${message}`)

const operation: PendingOperation = {
  id: "20261123-115800-promote-main",
  kind: "promote",
  from: "node-1",
  to: "node-2",
  by: "anna@desk",
  since: "2026-11-23T11:58:00.000Z",
  startHeight: 900,
}

/** The signer's container is there and does not run; nobody waits for it at its node. */
const afterPowerLoss = (...more: readonly Change[]): Change[] => [signerStopped, ...more]

const START_AT_NODE_1 = [
  "node-1: privval port belongs to the validator's signer",
  "node-1: stop the parking signer",
  "main: stop the signer and start it at node-1",
  "main: see 2 blocks signed through node-1",
]

describe("on hosts with nothing on them", () => {
  const steps = up(bare(topology)).steps
  const list = titles(steps)
  const at = (title: string) => {
    const index = list.indexOf(title)
    if (index < 0) throw new Error(`no step: ${title}\n${list.join("\n")}`)
    return index
  }

  it("installs everything first, keys before files; the consensus key only once its signer may start", () => {
    const installs = list.filter((title) => title.includes(": install "))
    expect(list.slice(0, installs.length - 1)).toEqual(installs.slice(0, -1))
    expect(list[at("main: write the signer's first state") + 1]).toBe("sig-1: install 1 secret")
    for (const { name } of topology.hosts) {
      const here = steps.flatMap(({ kind, args }) => ("paths" in args && args.host === name ? [{ kind, paths: args.paths }] : []))
      expect(here.map(({ kind }) => kind)).toEqual(name === "sig-1" ? ["files.push", "secrets.push"] : ["secrets.push", "files.push"])
      const paths = here.flatMap((step) => step.paths)
      const wanted = [...secrets.filter((secret) => secret.host === name), ...(files.get(name)?.files ?? [])].map(({ path }) => path)
      expect([...paths].sort()).toEqual([...wanted].sort())
    }
  })

  it("brings up sentries, then private nodes, and the signer when all of them are fresh", () => {
    const ups = ["sen-1: bring up sentry-1", "sen-2: bring up sentry-2", "val-1: bring up node-1", "val-2: bring up node-2"]
    expect(list.filter((title) => ups.includes(title))).toEqual(ups)
    const begin = at("main: write the signer's first state")
    for (const { name } of topology.nodes) expect(at(`${name}: wait until fresh`)).toBeLessThan(begin)
    expect(Math.max(...ups.map(at))).toBeLessThan(begin)
  })

  it("has a parking signer for every candidate before the node starts, so that the node finds one", () => {
    for (const [name, on] of [
      ["node-1", "val-1"],
      ["node-2", "val-2"],
    ]) {
      const order = [
        `${name}: privval port belongs to the parking signer`,
        `${on}: bring up ${name}-parking`,
        `${on}: bring up ${name}`,
        `${name}: park`,
        `${name}: wait until fresh`,
      ].map(at)
      expect(order).toEqual([...order].sort((a, b) => a - b))
    }
  })

  it("starts the signer at the node that the files name first", () => {
    expect(list.slice(at("main: write the signer's first state"))).toEqual([
      "main: write the signer's first state",
      "sig-1: install 1 secret",
      "sig-1: create main-signer",
      "node-1: wait until ready to take over",
      "node-1: privval port belongs to the validator's signer",
      "node-1: stop the parking signer",
      "main: stop the signer and start it at node-1",
      "main: see 2 blocks signed through node-1",
    ])
  })

  it("gives a reason for every step", () => {
    for (const { cause } of steps) expect(cause).toMatch(/\S.{5,}/)
  })
})

it.each(["node-1", "node-2"])("has nothing to do when all is right and %s is active", (active) => {
  expect(up(healthy(topology, active))).toEqual({ steps: [], units: [], moves: [], heldBack: [] })
})

type Case = {
  readonly name: string
  readonly changes: readonly Change[]
  readonly steps: readonly string[]
  readonly heldBack?: readonly string[]
}

const cases: readonly Case[] = [
  {
    name: "brings an outdated sentry up again and waits for it",
    changes: [container("sen-1", "sentry-1", { digest: "old" })],
    steps: ["sen-1: bring up sentry-1", "sentry-1: wait until fresh"],
  },
  {
    name: "takes outdated sentries one after the other",
    changes: [container("sen-1", "sentry-1", { digest: "old" }), container("sen-2", "sentry-2", { digest: "old" })],
    steps: ["sen-1: bring up sentry-1", "sentry-1: wait until fresh", "sen-2: bring up sentry-2", "sentry-2: wait until fresh"],
  },
  {
    name: "starts a sentry that was stopped",
    changes: [container("sen-2", "sentry-2", { status: "exited" }), nodeAway("sentry-2")],
    steps: ["sen-2: bring up sentry-2", "sentry-2: wait until fresh"],
  },
  {
    name: "leaves a sentry alone that its engine restarts",
    changes: [container("sen-2", "sentry-2", { status: "restarting" })],
    steps: [],
  },
  {
    name: "brings an outdated standby up again",
    changes: [container("val-2", "node-2", { digest: "old" })],
    steps: ["val-2: bring up node-2", "node-2: wait until fresh"],
  },
  {
    name: "brings an outdated parking signer up again",
    changes: [container("val-2", "node-2-parking", { digest: "old" })],
    steps: ["val-2: bring up node-2-parking", "node-2: park"],
  },
  {
    name: "has no step for an outdated active node, which is left by a promotion",
    changes: [container("val-1", "node-1", { digest: "old" })],
    steps: [],
  },
  {
    name: "prepares an outdated parking signer of the active node without starting it",
    changes: [container("val-1", "node-1-parking", { digest: "old" })],
    steps: ["val-1: create node-1-parking"],
  },
  {
    name: "does not touch an outdated signer that signs",
    changes: [container("sig-1", "main-signer", { digest: "old" })],
    steps: [],
    heldBack: ["main: main-signer runs on an older configuration, but the signer is signing: it takes the new files at its next start"],
  },
  {
    name: "installs a file that differs, and nothing else",
    changes: [host("sen-1", (seen) => ({ files: new Map([...seen.files, ["nodes/sentry-1/config/app.toml", "other"]]) }))],
    steps: ["sen-1: install 1 file"],
  },
  {
    name: "installs a secret that is not there",
    changes: [
      host("val-2", (seen) => ({ files: new Map([...seen.files].filter(([path]) => path !== "secrets/nodes/node-2/node_key.json")) })),
    ],
    steps: ["val-2: install 1 secret"],
  },
  {
    name: "parks a standby whose parking signer is dead and waits until it has caught up",
    changes: [unparked("node-2", "val-2"), aged("node-2", 60_000)],
    steps: ["val-2: bring up node-2-parking", "node-2: park", "node-2: wait until fresh"],
  },
  {
    name: "parks a standby whose parking signer runs and does not hold the port",
    changes: [host("val-2", () => ({ tmkms: [{ ...parkingProcess(topology, "node-2"), connections: [] }] }))],
    steps: ["node-2: park"],
  },
  {
    name: "gives the port of a standby back that waits for the validator's signer",
    changes: [owner("node-2", "val-2", "validator"), unparked("node-2", "val-2")],
    steps: ["node-2: privval port belongs to the parking signer", "val-2: bring up node-2-parking", "node-2: park"],
  },
  {
    name: "gives the port of a standby to its parking signer when nobody has it",
    changes: [owner("node-2", "val-2", undefined)],
    steps: ["node-2: privval port belongs to the parking signer", "node-2: park"],
  },
  {
    name: "brings a standby up whose host lost its containers",
    changes: [container("val-2", "node-2", "gone"), container("val-2", "node-2-parking", "gone"), nodeAway("node-2")],
    steps: ["val-2: bring up node-2-parking", "val-2: bring up node-2", "node-2: park", "node-2: wait until fresh"],
  },
  {
    name: "starts a stopped signer where it was",
    changes: afterPowerLoss(),
    steps: START_AT_NODE_1,
  },
  {
    name: "recreates an outdated signer on the way when it has to be started anyway",
    changes: afterPowerLoss(container("sig-1", "main-signer", { status: "exited", digest: "old" })),
    steps: START_AT_NODE_1,
  },
  {
    name: "recreates a signer whose container is gone, where it was",
    changes: [container("sig-1", "main-signer", "gone")],
    steps: ["sig-1: create main-signer", ...START_AT_NODE_1],
  },
  {
    name: "after a power loss parks the active node first, so that it can catch up",
    changes: afterPowerLoss(container("val-1", "node-1", { status: "exited" }), nodeAway("node-1")),
    steps: [
      "val-1: bring up node-1",
      "node-1: privval port belongs to the parking signer",
      "node-1: park",
      "node-1: wait until ready to take over",
      ...START_AT_NODE_1,
    ],
  },
  {
    name: "does not start a fenced signer",
    changes: [signerStopped, signer({ fence: "host replaced 2026-11-23" })],
    steps: [],
    heldBack: ["main: the signer is fenced: host replaced 2026-11-23"],
  },
  {
    name: "does not start a fenced signer, whatever its state is",
    changes: [signerStopped, signer({ fence: "host replaced", state: { kind: "missing" } })],
    steps: [],
    heldBack: ["main: the signer is fenced: host replaced"],
  },
  {
    name: "does not start a signer that is aimed at no candidate",
    changes: [signerStopped, signer({ aim: "node-9" })],
    // No signer comes for node-1 now, so it follows the chain like any standby.
    steps: ["node-1: privval port belongs to the parking signer", "val-1: bring up node-1-parking", "node-1: park"],
    heldBack: ["main: the signer is stopped and aimed at node-9, which is not a candidate"],
  },
]

it.each(cases)("$name", ({ changes, steps, heldBack: held = [] }) => {
  const plan = upAfter(...changes)
  expect({ steps: titles(plan.steps), heldBack: heldBack(plan) }).toEqual({ steps, heldBack: held })
})

it("holds one thing back and does the rest", () => {
  const outdated = [container("val-1", "node-1", { digest: "old" }), container("sen-1", "sentry-1", { digest: "old" })]
  const plan = upAfter(...outdated, aged("node-2", 600_000))
  expect(titles(plan.steps)).toEqual(["sen-1: bring up sentry-1", "sentry-1: wait until fresh"])
  expect(plan.heldBack).toHaveLength(1)
  expect(plan.heldBack[0]?.fix).toBe("mend a standby and run up again, or accept the cost with --in-place")
})

it("brings the active node up that was stopped, without asking it to be fresh before its signer is there", () => {
  const plan = upAfter(container("val-1", "node-1", { status: "exited" }), nodeAway("node-1"))
  expect(titles(plan.steps)).toEqual(["val-1: bring up node-1"])
})

describe("refuses", () => {
  const twin = seenContainer(topology, files, "val-2", "main-signer", { id: "f".repeat(64) })
  const refusals: readonly { readonly name: string; readonly changes: readonly Change[]; readonly reason: string }[] = [
    {
      name: "a secret that differs",
      changes: [host("val-1", (seen) => ({ files: new Map([...seen.files, ["secrets/nodes/node-1/node_key.json", "other"]]) }))],
      reason: "val-1: secrets/nodes/node-1/node_key.json on the host is not the one that gonka-ha keeps here",
    },
    {
      name: "a missing state",
      changes: [signerStopped, signer({ state: { kind: "missing" } })],
      reason: "main: the signer's state file is missing on its host",
    },
    {
      name: "a missing state, though the container is gone too",
      changes: [container("sig-1", "main-signer", "gone"), signer({ state: { kind: "missing" } })],
      reason: "main: the signer's state file is missing on its host",
    },
    {
      name: "a damaged state",
      changes: [signerStopped, signer({ state: { kind: "damaged", reason: "it is not JSON" } })],
      reason: "main: the signer's state file is damaged: it is not JSON",
    },
    {
      name: "a state below its floor",
      changes: [signerStopped, signer({ floor: 1001 })],
      reason: "main: the signer's state is at height 1000, below its recorded floor 1001: it was rolled back",
    },
    {
      name: "a state far above the chain",
      changes: [signerStopped, signer({ state: { kind: "ok", state: { height: 1011, round: 0, step: 2 }, sealed: false } })],
      reason: "main: the signer's state is at height 1011, and the chain at 1000: it is the state of another chain or of another signer",
    },
    {
      name: "a state without a floor",
      changes: [signerStopped, signer({ floor: undefined })],
      reason: "main: the signer's state is at height 1000, and no floor is recorded",
    },
    {
      name: "two signers",
      changes: [host("val-2", (seen) => ({ containers: [...seen.containers, twin] }))],
      reason: "main: a second signer of main, lab-main-signer, is running on val-2",
    },
    {
      name: "a tmkms of somebody else in a container",
      changes: [host("sen-1", () => ({ tmkms: [aProcess({ containerId: "a".repeat(64) })] }))],
      reason: "main: tmkms process 77 on sen-1 was not started by gonka-ha: it may hold the key",
    },
    {
      name: "a tmkms of somebody else outside any container",
      changes: [host("sig-1", (seen) => ({ tmkms: [...seen.tmkms, aProcess()] }))],
      reason: "main: tmkms process 77 on sig-1 was not started by gonka-ha: it may hold the key",
    },
    {
      name: "a copy of the consensus key",
      changes: [host("val-2", (seen) => ({ files: new Map([...seen.files, ["secrets/signers/main/consensus.key", "any"]]) }))],
      reason: "main: val-2 holds a copy of the consensus key of main",
    },
    {
      name: "an operation that was left half-way",
      changes: [signer({ operation })],
      reason: "main: an operation was left half-way: promote to node-2, begun 2026-11-23T11:58:00.000Z by anna@desk",
    },
    {
      name: "a running signer that is aimed at no candidate",
      changes: [signer({ aim: "sentry-1" }), host("sig-1", () => ({ tmkms: [signerProcess(topology, validator, "sentry-1")] }))],
      reason: "main: the signer is aimed at sentry-1, which is not a candidate",
    },
    {
      name: "a running signer whose aim was changed",
      changes: [signer({ aim: "node-2" })],
      reason: "main: the signer was started for node-1, but its aim says node-2: somebody changed it while it ran",
    },
    {
      name: "a stopped signer whose key has signed since",
      changes: [signerStopped, signer({ state: { kind: "ok", state: { height: 990, round: 0, step: 2 }, sealed: false } })],
      reason:
        "main: block 999 carries this key's signature, above the stopped signer's state at 990: another signer is alive, or this state is an older copy",
    },
  ]

  it.each(refusals)("$name", ({ changes, reason }) => {
    const plan = planFor(changed(healthy(topology), ...changes))
    if (!("refused" in plan)) throw new Error(`not refused: ${titles(plan.steps).join("\n")}`)
    expect(plan.refused.map(({ path, message }) => `${path}: ${message}`)).toEqual([reason])
    expect(plan.refused.every(({ fix, severity }) => fix !== undefined && severity === "error")).toBe(true)
  })

  it("for all reasons at once", () => {
    const all = refusals.filter(({ name }) => name.startsWith("a secret") || name.startsWith("a tmkms") || name.startsWith("a copy"))
    const plan = planFor(changed(healthy(topology), ...all.flatMap(({ changes }) => changes)))
    expect("refused" in plan && plan.refused.length).toBe(all.length)
  })
})

it("does not mind what another deployment's signer of another key does", () => {
  const foreign = { ...seenContainer(topology, files, "val-2", "main-signer"), deployment: "other", id: "b".repeat(64) }
  const process = aProcess({ containerId: foreign.id })
  const place = placeOfSigner(topology, theValidator(topology), { deployment: "other", pubkey: "another key" })
  const plan = upAfter(
    host("val-2", (seen) => ({ containers: [...seen.containers, foreign], tmkms: [...seen.tmkms, process], places: [place] })),
  )
  expect(plan).toEqual({ steps: [], units: [], moves: [], heldBack: [] })
})

describe("refuses before its first step what an edited file leaves behind", () => {
  const reasons = (observed: Observed, changedTopology = topology, recorded: ReadonlySet<string> = new Set()) => {
    const plan = planUp(changedTopology, filesOf(changedTopology), secretsOf(changedTopology), observed, { recorded })
    return "refused" in plan ? plan.refused.map(({ path, message }) => `${path}: ${message}`) : []
  }
  const renamed = aTopology({
    validators: [{ ...validator, name: "val" }],
    nodes: topology.nodes.map((node) => ({ ...node, candidateOf: node.candidateOf.length > 0 ? ["val"] : [] })),
  })
  const quiet = (observed: Observed): Observed => ({
    ...observed,
    slashing: new Map([["val", seen(seenSlashing({ recent: [], record: undefined }))]]),
  })

  it("a validator that was renamed while its signer runs, also when the chain is silent", () => {
    expect(reasons(changed(healthy(topology), quiet), renamed)).toEqual([
      "sig-1: lab-main-signer is running, and the topology file has no such validator: its node would be taken from it",
      "val: lab-main-signer is running on sig-1, another signer than that of val: it has the same key",
      "val: sig-1 holds the consensus key of val as well for main of the deployment lab: one key has one signer and one state",
    ])
  })

  it("a signing port that goes down again, which a replaced signer may still dial", () => {
    const installed = (port: number) =>
      changed(
        healthy(topology),
        host("val-2", () => ({ privvalPorts: new Map([["node-2", port]]) })),
      )
    expect(reasons(installed(26659))).toEqual([
      "node-2: its signing port on val-2 is 26659, and the file would open 26658, at which a signer that was replaced may still dial",
    ])
    expect([reasons(installed(26658)), reasons(installed(26657))]).toEqual([[], []])
  })

  it("another image and other tmkms settings at once, which the container that runs may not read", () => {
    const settings = (on: string, path: string) => host(on, ({ files }) => ({ files: new Map([...files, [path, "other"]]) }))
    const signer = settings("sig-1", "signers/main/config/tmkms-node-1.toml")
    const parking = settings("val-2", "nodes/node-2/parking/config/tmkms.toml")
    const image = { digest: "old", image: "tmkms:before" }
    const said = (...changes: readonly Change[]) => reasons(changed(healthy(topology), ...changes))
    expect(said(signer, container("sig-1", "main-signer", image))).toEqual([
      "main: main-signer on sig-1 is to get another image and other settings of tmkms at once, and the image that runs may not read these",
    ])
    expect(said(parking, container("val-2", "node-2-parking", image))).toEqual([
      "node-2: node-2-parking on val-2 is to get another image and other settings of tmkms at once, and the image that runs may not read these",
    ])
    expect(said(signer, parking)).toEqual([])
    expect(said(container("sig-1", "main-signer", image), container("val-2", "node-2-parking", image))).toEqual([])
    expect(said(settings("sig-1", "signers/main/config/guard.sh"), container("sig-1", "main-signer", image))).toEqual([])
  })

  it("a validator that was taken out while it signs", () => {
    const none = aTopology({ validators: [], nodes: topology.nodes.map((node) => ({ ...node, candidateOf: [] })) })
    expect(reasons(healthy(topology), none)).toEqual([
      "sig-1: lab-main-signer is running, and the topology file has no such validator: its node would be taken from it",
    ])
  })

  it("a signer's host that was changed while the old one is out of the file", () => {
    const hosts = topology.hosts.map((each) => (each.name === "sig-1" ? { ...each, name: "sig-2" } : each))
    const moved = aTopology({ hosts, validators: [{ ...validator, signerHost: "sig-2" }] })
    const empty = { ...WELL_HOST, files: new Map(), containers: [], owners: new Map(), signers: new Map(), places: [], tmkms: [] }
    const observed = healthy(topology)
    const now = {
      ...observed,
      hosts: new Map([...[...observed.hosts].filter(([name]) => name !== "sig-1"), ["sig-2", seen(empty)] as const]),
    }
    expect(reasons(now, moved, new Set(["main"]))).toEqual([
      "main: this key signed block 999, and no signer of it is on sig-2",
      "main: the signer of this key was set up before, as this machine has recorded, and sig-2 has nothing of it",
      "main: the privval port of node-1 belongs to a signer already, and none is on sig-2",
    ])
  })

  it("a host on which it would install something and is not root, and no other", () => {
    const asUser = (name: string): Change => host(name, () => ({ isRoot: false }))
    const outdated = host("sen-1", (was) => ({ files: new Map([...was.files, ["RUNBOOK.md", "edited"]]) }))
    expect(reasons(changed(healthy(topology), asUser("sen-1"), asUser("sen-2"), outdated))).toEqual([
      "sen-1: the user of its SSH connection is not root, and the containers there could not read what he writes",
    ])
  })

  it("a node that was moved to another host while it runs", () => {
    const moved = aTopology({ nodes: topology.nodes.map((node) => (node.name === "node-2" ? { ...node, host: "val-1" } : node)) })
    expect(reasons(healthy(topology), moved)).toEqual([
      "node-2: runs on val-2, and the topology file has it on val-1: two nodes with one key",
    ])
  })

  it("two signers that are meant for one node", () => {
    const other = { ...validator, name: "other", pubkey: "another key", signerHost: "sen-1" }
    const two = aTopology({ validators: [validator, other] })
    const observed = changed(healthy(two), container("sen-1", "other-signer", { status: "exited" }))
    expect(reasons(observed, two)).toEqual(["other: its signer and that of main are both meant for node-1: one port holds one signer"])
  })
})

it("makes an outdated signer anew while it is started, and only then", () => {
  const move = (...changes: readonly Change[]) => upAfter(...changes).steps.find(({ kind }) => kind === "signer.move")?.args
  const args = { validator: "main", to: "node-1", timing: "at-once" }
  expect(move(signerStopped)).toEqual({ ...args, recreate: false })
  expect(move(container("sig-1", "main-signer", { status: "exited", digest: "old" }))).toEqual({ ...args, recreate: true })
})

it("tells what no file knows any more, and leaves it", () => {
  const left = { ...seenContainer(topology, files, "val-2", "node-2"), service: "old", name: "lab-old", id: "c".repeat(64) }
  const plan = upAfter(host("val-2", (before) => ({ containers: [...before.containers, left] })))
  expect(plan.steps).toEqual([])
  expect(heldBack(plan)).toEqual(["val-2: lab-old is running there, and the topology file has no such service on val-2"])
})

it("names the hosts that are away", () => {
  expect(unreachableHosts(topology, changed(healthy(topology), hostAway("val-2", "timeout")))).toEqual([
    { severity: "error", path: "val-2", message: "timeout" },
  ])
})

describe("rule zero", () => {
  const anyChange: fc.Arbitrary<Change> = fc.oneof(
    fc
      .tuple(
        fc.constantFrom(
          "sen-1/sentry-1",
          "val-1/node-1",
          "val-2/node-2",
          "val-1/node-1-parking",
          "val-2/node-2-parking",
          "sig-1/main-signer",
        ),
        fc.constantFrom("exited", "created", "restarting", "paused", "dead", "running"),
        fc.constantFrom({}, { digest: "old" }),
      )
      .map(([place, status, digest]): Change => {
        const [on = "", service = ""] = place.split("/")
        return container(on, service, { status, ...digest })
      }),
    fc.constantFrom("sentry-1", "node-1", "node-2").map((name) => nodeAway(name)),
    fc.tuple(fc.constantFrom("node-1", "node-2"), fc.nat(120_000)).map(([name, ageMs]) => aged(name, ageMs)),
    fc
      .tuple(fc.constantFrom("node-1/val-1", "node-2/val-2"), fc.constantFrom("parking", "validator", undefined, "rubbish"))
      .map(([place, word]) => owner(place.slice(0, 6), place.slice(7), word)),
    fc
      .record({
        aim: fc.constantFrom("node-1", "node-2", "node-9", "sentry-1", undefined),
        floor: fc.constantFrom(undefined, 0, 1000, 1001),
        fence: fc.constantFrom(undefined, undefined, "by hand"),
      })
      .map((changes) => signer(changes)),
    fc
      .constantFrom("missing" as const, "ok" as const)
      .map((kind) => signer({ state: kind === "ok" ? { kind, state: { height: 1010, round: 1, step: 1 }, sealed: false } : { kind } })),
  )

  it("no step aims elsewhere, whatever is seen, and none stops a signer that runs", () => {
    fc.assert(
      fc.property(fc.constantFrom("node-1", "node-2"), fc.array(anyChange, { maxLength: 6 }), (active, changes) => {
        const observed = changed(healthy(topology, active), ...changes)
        const who = whoSigns(topology, observed, validator)
        const plan = planFor(observed)
        if ("refused" in plan) return
        const aim = who.kind === "active" ? who.node : who.kind === "stopped" ? who.aim : who.kind === "new" ? "node-1" : undefined
        for (const step of plan.steps) {
          if (step.kind === "signer.init") expect(who.kind).toBe("new")
          if (step.kind === "signer.init") expect(step.args.node).toBe(aim)
          if (step.kind === "signer.move") expect(step.args).toMatchObject({ to: aim, timing: "at-once" })
          // It goes back nowhere: it starts where it was, or not at all.
          if (step.kind === "signer.move") expect(step.args.from).toBeUndefined()
          if (step.kind === "signer.move" || (step.kind === "service.create" && step.args.service === "main-signer"))
            expect(who.kind).not.toBe("active")
          if (step.kind === "service.up") expect(step.args.service).not.toBe("main-signer")
          if (step.kind === "port.give" && who.kind === "active")
            expect(step.args).toEqual({ node: who.node === "node-1" ? "node-2" : "node-1", owner: "parking" })
          if (step.kind === "standby.detach") expect(who.kind).not.toBe("active")
        }
      }),
      { numRuns: 1000 },
    )
  }, 60_000)
})
