import { describe, expect, it } from "vitest"
import type { BackupRecord } from "../../../../src/core/backup/record.ts"
import { CHECKS } from "../../../../src/core/doctor/catalogue.ts"
import type { DiskReading } from "../../../../src/core/doctor/disk-readings.ts"
import type { Verdict } from "../../../../src/core/doctor/doctor-report.ts"
import { examine } from "../../../../src/core/doctor/examine.ts"
import type { DoctorFacts } from "../../../../src/core/doctor/facts.ts"
import { type HostSeen, type Reading, seen, unknown, valueIn } from "../../../../src/core/observe/state.ts"
import { layout } from "../../../../src/core/render/layout.ts"
import {
  type Break,
  backupRecord,
  broken,
  diskIs,
  diskReading,
  engineTells,
  finds,
  healthyFacts,
  notProbed,
  observed,
  probed,
} from "../../../support/doctor-facts.ts"
import {
  aged,
  aProcess,
  container,
  host,
  hostAway,
  NOW_MS,
  node,
  nodeAway,
  owner,
  placeOfSigner,
  record,
  seenSlashing,
  signer,
  signerStopped,
  slashing,
  TIP,
  theValidator,
  unparked,
} from "../../../support/observed.ts"

const well = healthyFacts()
const { topology } = well
const HOUR_MS = 3_600_000

type Found = `${Exclude<Verdict, "ok">} ${string} ${string}`

/** Everything that is not ok, as `verdict check subject`. */
function found(facts: DoctorFacts): readonly string[] {
  return examine(facts).checks.flatMap(({ id, findings }) =>
    findings.filter(({ verdict }) => verdict !== "ok").map(({ verdict, subject }) => `${verdict} ${id} ${subject}`),
  )
}

const idOf = (name: string) => topology.nodes.find((each) => each.name === name)?.id ?? ""
const strangers = ["e".repeat(40), "f".repeat(40)]
const othersOf = (name: string) => topology.nodes.filter((each) => each.name !== name).map(({ id }) => id)

const with_ =
  (changes: Partial<DoctorFacts>): Break =>
  (facts) => ({ ...facts, ...changes })
const upgradeAt = (height: number) => with_({ upgrade: seen({ name: "v0.3", height }) })
const allHave = (...names: readonly string[]): readonly Break[] =>
  topology.nodes.map((each) => probed(each.host, ({ upgrades }) => ({ upgrades: new Map([...upgrades, [each.name, names]]) })))
const receiptsAre = (changes: Partial<{ count: number; differences: readonly string[]; lastMoveMs: number | undefined }>): Break =>
  with_({ receipts: new Map([["main", seen({ count: 2, differences: [], lastMoveMs: NOW_MS - HOUR_MS, ...changes })]]) })
const file = (on: string, path: string, sha256: string | undefined) =>
  observed(
    host(on, ({ files }) => {
      const kept = [...files].filter(([each]) => each !== path)
      return { files: new Map(sha256 === undefined ? kept : [...kept, [path, sha256]]) }
    }),
  )
const disksWere =
  (on: string, ...readings: readonly DiskReading[]): Break =>
  (facts) => ({ ...facts, disksBefore: new Map([...facts.disksBefore, [on, readings]]) })
const backupIs = (reading: Reading<BackupRecord | undefined>) => with_({ backups: new Map([["main", reading]]) })
const KEY = `${layout.secrets.signer("main")}/consensus.key`
const noFirewall = (on: string) => probed(on, { firewall: seen({ nft: [], iptables: [] }) })
const firewallWithout = (on: string, words: string): Break =>
  probed(on, ({ firewall }) => {
    const rules = valueIn(firewall)?.nft ?? []
    if (!rules.some((rule) => rule.includes(words))) throw new Error(`no rule of ${on} has ${words}`)
    return { firewall: seen({ nft: rules.filter((rule) => !rule.includes(words)), iptables: [] }) }
  })

/** One thing is broken, and that is found, and nothing else. */
const FAULTS: readonly (readonly [name: string, breaks: Break | readonly Break[], found: Found | readonly Found[]])[] = [
  // Hosts
  ["the user may not use Docker", [probed("sen-1", { engine: unknown("permission denied") })], "bad host.docker sen-1"],
  ["the socket is not forwarded", [observed(hostAway("sen-2", "forwarding is off"))], ["bad host.socket sen-2"]],
  ["the engine is old", probed("val-1", { engine: seen("19.03.8") }), ["bad host.engine-version val-1", "warn host.direct-routing val-1"]],
  ["the engine lets neighbours in", probed("val-1", { engine: seen("20.10.24+dfsg1") }), "warn host.direct-routing val-1"],
  [
    "the engine's version is no version",
    probed("val-1", { engine: seen("dev") }),
    ["unknown host.engine-version val-1", "unknown host.direct-routing val-1"],
  ],
  ["the user is not root", observed(host("sen-1", () => ({ isRoot: false }))), "bad host.root sen-1"],
  ["who the user is, is not told", observed(host("sen-1", () => ({ isRoot: undefined }))), "unknown host.root sen-1"],
  ["compose is old", probed("val-1", { compose: seen("2.17.3") }), "bad host.compose-version val-1"],
  [
    "there is no compose",
    probed("val-1", { compose: unknown("docker: 'compose' is not a docker command") }),
    "bad host.compose-version val-1",
  ],
  ["a program is missing", probed("sig-1", { missingTools: ["flock"] }), "bad host.tools sig-1"],
  ["the directory is missing", probed("sig-1", { directory: false }), "bad host.directory sig-1"],
  [
    "the disk takes no write",
    probed("sig-1", { write: unknown("Read-only file system") }),
    ["bad host.directory sig-1", "unknown host.write-latency sig-1"],
  ],
  ["the disk is slow", probed("sig-1", { write: seen({ writes: 10, tookMs: 900 }) }), "warn host.write-latency sig-1"],
  ["the disk is very slow", probed("sig-1", { write: seen({ writes: 10, tookMs: 4000 }) }), "bad host.write-latency sig-1"],
  ["a clock is off", observed(host("val-2", () => ({ clock: seen({ offsetMs: -9000, withinMs: 50 }) }))), "bad host.clock val-2"],
  [
    "a clock is read too slowly",
    observed(host("val-2", () => ({ clock: seen({ offsetMs: 900, withinMs: 1500 }) }))),
    "unknown host.clock val-2",
  ],
  ["a clock is not told", observed(host("val-2", () => ({ clock: unknown("no date") }))), "unknown host.clock val-2"],
  ["our clock is behind the chain", observed(...topology.nodes.map(({ name }) => aged(name, -5000))), "bad host.chain-clock lab"],
  ["the disk is nearly full", diskIs("sen-1", 500e9, 18e9), "warn host.disk sen-1"],
  ["the disk is full", diskIs("sen-1", 500e9, 1e9), "bad host.disk sen-1"],
  [
    "the disk is not told",
    observed(host("sen-1", () => ({ disk: unknown("no df") }))),
    ["unknown host.disk sen-1", "unknown host.disk-growth sen-1"],
  ],
  ["the disk is full in three weeks", disksWere("sen-1", diskReading(3, 227e9)), "warn host.disk-growth sen-1"],
  ["the disk is full in three days", disksWere("sen-1", diskReading(3, 390e9)), "bad host.disk-growth sen-1"],
  ["no inodes are left", probed("val-1", { inodes: seen({ total: 1e6, free: 1e4 }) }), "warn host.inodes val-1"],
  [
    "memory is short",
    probed("val-1", { memory: seen({ totalKb: 4e6, availableKb: 3e5, swapTotalKb: 0, swapFreeKb: 0 }) }),
    "warn host.memory val-1",
  ],
  [
    "memory is gone",
    probed("val-1", { memory: seen({ totalKb: 4e6, availableKb: 1e5, swapTotalKb: 0, swapFreeKb: 0 }) }),
    "bad host.memory val-1",
  ],
  [
    "the host lives on swap",
    probed("val-1", { memory: seen({ totalKb: 4e6, availableKb: 2e6, swapTotalKb: 1e6, swapFreeKb: 1e5 }) }),
    "warn host.swap val-1",
  ],
  ["the processors are short", probed("val-1", { load: seen({ oneMinute: 20, cpus: 4 }) }), "warn host.load val-1"],
  ["a reboot is due", probed("sen-2", { rebootWanted: true }), "warn host.reboot sen-2"],
  // Containers
  ["a node is down", observed(container("sen-1", "sentry-1", { status: "exited" })), "bad container.running sen-1"],
  ["a node has no container", observed(container("sen-1", "sentry-1", "gone")), "bad container.running sen-1"],
  [
    "a container keeps starting",
    engineTells("val-2", "node-2", { restarts: 7, startedMs: NOW_MS - 60_000 }),
    "warn container.restarts val-2",
  ],
  ["a container was killed for its memory", engineTells("val-2", "node-2", { oomKilled: true }), "warn container.memory val-2"],
  ["a container is unhealthy", engineTells("val-2", "node-2", { health: "unhealthy" }), "warn container.health val-2"],
  ["a container is older than its files", observed(container("sen-2", "sentry-2", { digest: "older" })), "warn container.current sen-2"],
  [
    "a node runs twice",
    observed(
      host("sen-2", ({ containers }) => ({
        containers: [
          ...containers,
          ...containers.slice(0, 1).map((each) => ({ ...each, id: "twin", name: "lab-node-2", service: "node-2" })),
        ],
      })),
    ),
    "bad container.strays lab",
  ],
  [
    "a container is left over",
    observed(
      host("sen-2", ({ containers }) => ({
        containers: [...containers, ...containers.slice(0, 1).map((each) => ({ ...each, id: "old", name: "lab-old", service: "old" }))],
      })),
    ),
    "warn container.strays lab",
  ],
  [
    "a tag instead of a digest",
    (facts) => ({ ...facts, topology: { ...facts.topology, images: { ...facts.topology.images, node: "node:1" } } }),
    "warn container.images-pinned lab",
  ],
  ["another image on one host", engineTells("val-2", "node-2", { imageId: "sha256:cc" }), "warn container.images-same lab"],
  ["a log without an end", engineTells("sig-1", "main-signer", { logMaxSize: undefined }), "warn container.logs sig-1"],
  ["too few files", engineTells("val-1", "node-1", { filesLimit: 1024 }), "warn container.files-limit val-1"],
  ["a restart policy was changed", engineTells("sig-1", "main-signer", { restartPolicy: "always" }), "bad container.restart-policy sig-1"],
  // Network
  ["a sentry cannot reach a private node", finds("sen-1", "10.0.0.21:26656", "closed"), "bad network.open val-1"],
  ["a signer's host reaches a private node's p2p", finds("sig-1", "10.0.0.21:26656", "open"), "bad network.closed val-1"],
  [
    "a sentry is not reached from outside",
    topology.hosts.filter(({ name }) => name !== "sen-1").map(({ name }) => finds(name, "203.0.113.11:26656", "closed")),
    "warn network.public-open sen-1",
  ],
  ["a sentry's RPC is public", finds("val-1", "203.0.113.12:26657", "open"), "bad network.public-closed sen-2"],
  [
    "a signing port is published to everybody",
    engineTells("val-1", "node-1", { ports: ["10.0.0.21:26656", "127.0.0.1:26657", "0.0.0.0:26658"] }),
    "bad network.published val-1",
  ],
  ["the engine does not tell its ports", engineTells("val-1", "node-1", { ports: undefined }), "unknown network.published val-1"],
  ["no firewall rules are loaded", noFirewall("val-1"), "warn network.firewall val-1"],
  ["a firewall rule is missing", firewallWithout("val-1", "dport 26658"), "warn network.firewall val-1"],
  ["the firewall cannot be looked at", probed("val-1", { firewall: unknown("Operation not permitted") }), "unknown network.firewall val-1"],
  [
    "a private node is in an address book",
    probed("sen-1", { books: new Map([["sentry-1", [idOf("node-1")]]]) }),
    "bad network.address-books sentry-1",
  ],
  [
    "a stranger talks to a private node",
    observed(node("node-1", { peerIds: [...othersOf("node-1"), "d".repeat(40)] })),
    "bad network.strangers node-1",
  ],
  // Files
  ["a file was edited by hand", file("val-1", `${layout.node.config("node-1")}/config.toml`, "edited"), "warn file.installed val-1"],
  ["a file is missing", file("val-1", `${layout.node.config("node-1")}/config.toml`, undefined), "warn file.installed val-1"],
  ["a file is too many", file("val-1", `${layout.node.config("node-1")}/more.toml`, "more"), "warn file.foreign val-1"],
  ["a secret is another one", file("val-1", `${layout.secrets.node("node-1")}/node_key.json`, "other"), "bad file.secrets val-1"],
  ["a secret is missing", file("val-1", `${layout.secrets.node("node-1")}/node_key.json`, undefined), "bad file.secrets val-1"],
  ["a key can be read by others", probed("sig-1", { secrets: [{ kind: "file", mode: "640", path: KEY }] }), "bad file.secret-files sig-1"],
  [
    "a directory of keys is open",
    probed("sig-1", { secrets: [{ kind: "directory", mode: "755", path: "secrets" }] }),
    "warn file.secret-directories sig-1",
  ],
  // Nodes
  ["a node is stale", observed(aged("sentry-2", 90_000)), "bad node.fresh sentry-2"],
  ["a node lags", observed(node("sentry-2", { height: TIP - 50 })), "warn node.fresh sentry-2"],
  [
    "the chain stands still",
    observed(...topology.nodes.map(({ name }) => aged(name, 90_000))),
    [...topology.nodes.map(({ name }): Found => `unknown node.fresh ${name}`), "bad node.chain-moves lab"],
  ],
  ["a node catches up", observed(node("node-2", { catchingUp: true })), "warn node.catching-up node-2"],
  ["a node is on another chain", observed(node("node-2", { network: "other-1" })), "bad node.chain node-2"],
  ["a node has another version", observed(node("node-2", { version: "0.38.17 simapp 0.9" })), "warn node.versions lab"],
  ["a private node has one sentry", observed(node("node-2", { peerIds: [idOf("node-1"), idOf("sentry-1")] })), "warn node.sentries node-2"],
  ["a private node has no sentry", observed(node("node-2", { peerIds: [idOf("node-1")] })), "bad node.sentries node-2"],
  [
    "a sentry has one peer outside",
    observed(node("sentry-1", { peerIds: [...othersOf("sentry-1"), ...strangers.slice(1)] })),
    "warn node.outside-peers sentry-1",
  ],
  ["a sentry has no peer outside", observed(node("sentry-1", { peerIds: othersOf("sentry-1") })), "bad node.outside-peers sentry-1"],
  [
    "private nodes do not know each other",
    observed(...["node-1", "node-2"].map((name) => node(name, { peerIds: [idOf("sentry-1"), idOf("sentry-2")] }))),
    "warn node.peers lab",
  ],
  ["snapshots are old", probed("sen-1", { snapshots: new Map([["sentry-1", [TIP - 500]]]) }), "warn node.snapshots sentry-1"],
  ["there is no snapshot", probed("sen-1", { snapshots: new Map() }), "warn node.snapshots sentry-1"],
  ["an upgrade is near", [upgradeAt(TIP + 100), ...allHave("v0.3")], "warn node.upgrade-near lab"],
  [
    "an upgrade's program is missing",
    [upgradeAt(TIP + 1_000_000), ...allHave("v0.3"), probed("val-2", { upgrades: new Map() })],
    "warn node.upgrade-program node-2",
  ],
  [
    "the next upgrade is not told",
    with_({ upgrade: unknown("no sentry answers") }),
    ["unknown node.upgrade-near lab", ...topology.nodes.map(({ name }): Found => `unknown node.upgrade-program ${name}`)],
  ],
  // Signers
  [
    "the guard pins another key",
    observed(host("sig-1", () => ({ places: [placeOfSigner(topology, theValidator(topology), { pubkey: "AAA=" })] }))),
    ["bad signer.pin main", "unknown signer.runs main"],
  ],
  [
    "the key file is missing",
    observed(host("sig-1", () => ({ places: [placeOfSigner(topology, theValidator(topology), { holdsKey: false })] }))),
    "bad signer.pin main",
  ],
  [
    "somebody else has a tmkms",
    observed(host("val-2", ({ tmkms }) => ({ tmkms: [...tmkms, aProcess()] }))),
    ["bad signer.single main", "unknown signer.runs main"],
  ],
  [
    "the signer is not connected",
    observed(host("sig-1", ({ tmkms }) => ({ tmkms: tmkms.map((each) => ({ ...each, connections: [] })) }))),
    "bad signer.runs main",
  ],
  ["the signer is stopped", [observed(signerStopped), with_({ guards: new Map() })], "bad signer.runs main"],
  ["the parking signer may come back to the active node", observed(owner("node-1", "val-1", "parking")), "bad signer.port main"],
  [
    "the guard would refuse",
    with_({ guards: new Map([["main", seen({ refusal: "the marks cannot be written" })]]) }),
    "bad signer.guard main",
  ],
  ["the guard cannot be asked", with_({ guards: new Map([["main", unknown("exit 126")]]) }), "unknown signer.guard main"],
  ["the state is below its floor", observed(signer({ floor: TIP + 5 })), "bad signer.state main"],
  ["the state is missing", observed(signer({ state: { kind: "missing" } })), "bad signer.state main"],
  ["the signer is fenced", observed(signer({ fence: "old disk" })), "bad signer.fence main"],
  [
    "the lock is held for long",
    [observed(signer({ lockedBy: "anna@desk" })), with_({ lockedSinceMs: new Map([["main", NOW_MS - HOUR_MS]]) })],
    "warn signer.lock main",
  ],
  ["since when the lock is held is not told", observed(signer({ lockedBy: "somebody" })), "unknown signer.lock main"],
  [
    "a promotion was left half-way",
    observed(
      signer({
        operation: { id: "op", kind: "promote", from: "node-1", to: "node-2", by: "anna@desk", since: "yesterday", startHeight: 990 },
      }),
    ),
    "warn signer.half-way main",
  ],
  // Validators
  ["the key is tombstoned", observed(record({ tombstoned: true })), "bad validator.tombstone main"],
  ["the validator is jailed", observed(record({ jailedUntilMs: NOW_MS + HOUR_MS })), "bad validator.jail main"],
  ["the validator is not in the set", observed(slashing({ votingPower: undefined })), "warn validator.in-set main"],
  [
    "one of the last blocks was missed",
    observed(slashing({ recent: seenSlashing().recent.map((each, index) => (index === 3 ? { ...each, vote: "absent" as const } : each)) })),
    "warn validator.votes main",
  ],
  [
    "none of the last blocks was signed",
    observed(slashing({ recent: seenSlashing().recent.map((each) => ({ ...each, vote: "absent" as const })) })),
    "bad validator.votes main",
  ],
  ["the jail is near", observed(record({ missedBlocks: 50 - topology.policy.jailReserveBlocks })), "warn validator.jail-budget main"],
  ["the jail budget is gone", observed(record({ missedBlocks: 50 })), "bad validator.jail-budget main"],
  ["no standby waits", observed(unparked("node-2", "val-2")), "bad validator.standbys main"],
  // Records
  ["the journal cannot be written", probed("sig-1", { readOnly: ["signers/main/control/journal"] }), "bad record.writable sig-1"],
  ["a receipt was changed", receiptsAre({ differences: ["receipt 2 does not name receipt 1"] }), "warn record.receipts main"],
  [
    "the receipts cannot be read",
    with_({ receipts: new Map([["main", unknown("no answer")]]) }),
    ["unknown record.receipts main", "unknown record.last-move main"],
  ],
  ["no backup of the key is recorded", backupIs(seen(undefined)), "warn record.backup main"],
  [
    "the recorded backup is of another key",
    backupIs(seen(backupRecord({ name: "main", address: "B".repeat(40) }))),
    "warn record.backup main",
  ],
  ["the record of the backup is damaged", backupIs(unknown("main.json cannot be understood")), "unknown record.backup main"],
  ["the last move is long ago", receiptsAre({ lastMoveMs: NOW_MS - 100 * 24 * HOUR_MS }), "warn record.last-move main"],
]

it("finds nothing wrong where everything is as it should be", () => {
  const report = examine(well)
  expect(found(well)).toEqual([])
  expect(report.count).toEqual({ checks: CHECKS.length, ok: CHECKS.length, warn: 0, bad: 0, unknown: 0 })
  expect(report.exitCode).toBe(0)
})

it("has something to look at for every check but for an upgrade that is not scheduled", () => {
  const idle = examine(well).checks.filter(({ findings }) => findings.length === 0)
  expect(idle.map(({ id }) => id)).toEqual(["node.upgrade-program"])
})

describe("one fault, one finding", () => {
  it.each(FAULTS)("%s", (_, breaks, expected) => {
    const facts = broken(well, ...[breaks].flat())
    const findings = found(facts)
    const wanted = [expected].flat()
    // What nobody looked at is unknown for its own reason, which must be the one thing that was broken.
    const beyond = findings.filter((each) => !wanted.includes(each as Found))
    expect(findings).toEqual(expect.arrayContaining(wanted))
    expect(beyond.filter((each) => !isConsequence(each, wanted))).toEqual([])
  })
})

/** Where an engine or its socket is not reached, what it would have told is not known; that is all that may be added. */
function isConsequence(finding: string, wanted: readonly string[]): boolean {
  const [verdict, , subject] = finding.split(" ")
  return (
    verdict === "unknown" &&
    wanted.some((each) => /^bad host\.(docker|socket) /.test(each) && [each.split(" ")[2], "lab"].includes(subject))
  )
}

it("asks nobody for a backup of a key that another machine has", () => {
  const elsewhere = with_({ secrets: well.secrets.filter(({ path }) => path !== KEY), backups: new Map([["main", seen(undefined)]]) })
  expect(found(broken(well, elsewhere)).filter((each) => each.includes("record.backup"))).toEqual([])
})

describe("what is away", () => {
  it("is told once, and everything else about a lost host is unknown", () => {
    const facts = broken(well, notProbed("val-2"), observed(hostAway("val-2"), nodeAway("node-2")))
    const told = found(facts).filter((each) => !each.startsWith("unknown "))
    expect(told).toEqual(["bad host.reached val-2"])
    const unknowns = found(facts).filter((each) => each.startsWith("unknown "))
    expect(unknowns).toContain("unknown host.disk val-2")
    expect(unknowns).toContain("unknown node.fresh node-2")
    expect(unknowns.filter((each) => !/ (val-2|node-2|main|lab)$/.test(each))).toEqual([])
  })

  it("does not turn a silent node into a healthy one", () => {
    const unknowns = found(broken(well, observed(nodeAway("sentry-1"))))
    expect(unknowns).toContain("unknown node.fresh sentry-1")
    expect(unknowns.every((each) => each.startsWith("unknown ") && each.endsWith(" sentry-1"))).toBe(true)
  })

  it("says of the signer's host that it is not known who signs", () => {
    const findings = found(broken(well, notProbed("sig-1"), observed(hostAway("sig-1"))))
    expect(findings).toContain("bad host.reached sig-1")
    expect(findings).toContain("unknown signer.runs main")
    expect(findings).toContain("unknown signer.single main")
  })
})

it("gives no advice about a lost key or state where the signer was never set up", () => {
  const bare: Partial<HostSeen> = { containers: [], signers: new Map(), places: [], tmkms: [] }
  const signers = found(broken(well, observed(host("sig-1", () => bare)))).filter((each) => each.includes(" signer."))
  expect(signers).toEqual(["bad signer.runs main"])
})

describe("every check", () => {
  it("is broken by one of the faults above, so that none is there for show", () => {
    const broke = new Set([...FAULTS.flatMap(([, , expected]) => [expected].flat()).map((each) => each.split(" ")[1]), "host.reached"])
    expect(CHECKS.map(({ id }) => id).filter((id) => !broke.has(id))).toEqual([])
  })

  it("has a name of its own, a reason and a fix", () => {
    expect(new Set(CHECKS.map(({ id }) => id)).size).toBe(CHECKS.length)
    expect(CHECKS.length).toBeGreaterThanOrEqual(40)
    for (const { id, title, why, fix } of CHECKS) {
      expect(id).toMatch(/^(host|container|network|file|node|signer|validator|record)\.[a-z-]+$/)
      expect([title, why].every((text) => text.endsWith("."))).toBe(true)
      expect(fix).not.toBe("")
    }
  })
})

it.each([
  ["bad before warn", [observed(owner("node-1", "val-1", "parking")), probed("sen-2", { rebootWanted: true })], 5],
  ["a warning", [probed("sen-2", { rebootWanted: true })], 4],
  ["something unknown", [with_({ upgrade: unknown("no sentry answers") })], 4],
] as const)("ends with the exit code of the worst: %s", (_, breaks, exit) => {
  expect(examine(broken(well, ...breaks)).exitCode).toBe(exit)
})
