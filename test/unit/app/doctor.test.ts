import { describe, expect, it } from "vitest"
import { doctor } from "../../../src/app/doctor.ts"
import { backupRecordText } from "../../../src/core/backup/record.ts"
import { diskReadingsText } from "../../../src/core/doctor/disk-readings.ts"
import type { DoctorReport } from "../../../src/core/doctor/doctor-report.ts"
import { chosenChecks } from "../../../src/core/doctor/examine.ts"
import type { DoctorFacts } from "../../../src/core/doctor/facts.ts"
import { AppError, EXIT } from "../../../src/core/errors.ts"
import { seen, valueIn } from "../../../src/core/observe/state.ts"
import type { HostAccess } from "../../../src/core/ports.ts"
import { type Break, broken, examinationText, healthyFacts, notProbed, observed, probed } from "../../support/doctor-facts.ts"
import { host, hostAway, nodeAway, signer } from "../../support/observed.ts"
import { aDeployment, type PaperDeployment } from "../../support/paper-deployment.ts"
import { type Sayings, speakingHosts } from "../../support/speaking-hosts.ts"

const SCRIPT = "the examination"

type Asked = { readonly host: string; readonly argv: readonly string[] }

/** A deployment whose hosts say what the facts are, and remember what they were asked. */
function paper(facts: DoctorFacts, sayings: Sayings = {}): { readonly deployment: PaperDeployment; readonly asked: readonly Asked[] } {
  const { topology } = facts
  const asked: Asked[] = []
  const speaking = speakingHosts(topology, facts.observed, () => deployment.clock, sayings)
  const hosts = Object.fromEntries(Object.entries(speaking).map(([name, access]) => [name, examinable(name, access, facts, asked)]))
  const deployment: PaperDeployment = aDeployment(hosts, { topology })
  leaveHere(deployment, facts)
  return { deployment, asked }
}

/** What earlier commands have left on this machine. */
function leaveHere({ local, stateDir }: PaperDeployment, { disksBefore, backups }: DoctorFacts): void {
  void local.replace(`${stateDir}/disk-readings.json`, diskReadingsText(disksBefore), 0o600)
  for (const reading of backups.values()) {
    const record = valueIn(reading)
    if (record) void local.replace(`${stateDir}/backups/${record.validator}.json`, backupRecordText(record), 0o600)
  }
}

function examinable(name: string, access: HostAccess, { probes }: DoctorFacts, asked: Asked[]): HostAccess {
  const reading = probes.get(name)
  return {
    ...access,
    run: async (argv, options) => {
      asked.push({ host: name, argv })
      if (reading?.kind !== "seen") throw new AppError("HOST_UNREACHABLE", EXIT.unreachable, `host ${name} cannot be reached: no route`)
      if (argv[0] === "true") return { code: 0, stdout: "", stderr: "" }
      if (options?.stdin === SCRIPT) return { code: 0, stdout: examinationText(reading.value), stderr: "" }
      if (argv[3] === "read-receipts") return { code: 0, stdout: "end\n", stderr: "" }
      return access.run(argv, options)
    },
  }
}

async function examined(breaks: readonly Break[] = [], sayings: Sayings = {}): Promise<DoctorReport> {
  return doctor(paper(broken(healthyFacts(), ...breaks), sayings).deployment, SCRIPT, chosenChecks([]))
}

const wrong = ({ checks }: DoctorReport) =>
  checks.flatMap(({ id, findings }) =>
    findings.filter(({ verdict }) => verdict !== "ok").map(({ verdict, subject }) => `${verdict} ${id} ${subject}`),
  )

it("finds nothing wrong on hosts that are well", async () => {
  const report = await examined()
  expect(wrong(report)).toEqual([])
  expect(report.exitCode).toBe(0)
})

it("finds what a host's own examination tells, what every command sees, and what the guard says", async () => {
  const report = await examined(
    [probed("sen-2", { rebootWanted: true }), observed(signer({ lockedBy: "anna@desk since 2026-11-23T11:00:00.000Z: promote node-2" }))],
    { guard: "guard: the signer does not start: the marks cannot be written" },
  )
  expect(wrong(report)).toEqual(["warn host.reboot sen-2", "bad signer.guard main", "warn signer.lock main"])
  const measured = report.checks.find(({ id }) => id === "signer.lock")?.findings[0]?.measured
  expect(measured).toContain("held for 1h00m by anna@desk")
})

describe("a host that cannot be reached", () => {
  it("spoils nothing that other hosts tell", async () => {
    const report = await examined([
      notProbed("val-2"),
      observed(hostAway("val-2"), nodeAway("node-2")),
      probed("sen-2", { rebootWanted: true }),
    ])
    expect(wrong(report).filter((each) => !each.startsWith("unknown "))).toEqual(["bad host.reached val-2", "warn host.reboot sen-2"])
  })
})

it("takes half an answer for none", async () => {
  const { deployment } = paper(healthyFacts())
  const access = deployment.fleet.host("sen-1")
  const cut: HostAccess = {
    ...access,
    run: async (argv, options) => {
      const answer = await access.run(argv, options)
      return options?.stdin === SCRIPT ? { ...answer, stdout: answer.stdout.slice(0, 200) } : answer
    },
  }
  const fleet = { ...deployment.fleet, host: (name: string) => (name === "sen-1" ? cut : deployment.fleet.host(name)) }
  const report = await doctor({ ...deployment, fleet }, SCRIPT, chosenChecks(["host.reached"]))
  expect(report.checks[0]?.findings).toContainEqual({ subject: "sen-1", verdict: "bad", measured: expect.stringContaining("cut short") })
})

it("opens every connection before it reads a clock, and tells each host what to try and what to look for", async () => {
  const facts = healthyFacts()
  const { deployment, asked } = paper(facts)
  await doctor(deployment, SCRIPT, chosenChecks([]))
  const hosts = facts.topology.hosts.map(({ name }) => name)
  expect(asked.slice(0, hosts.length)).toEqual(hosts.map((host) => ({ host, argv: ["true"] })))
  const [, , , ...words] = asked.find(({ host, argv }) => host === "sig-1" && argv.length > 5 && argv[1] === "-s")?.argv ?? []
  const targets = [...(valueIn(facts.probes.get("sig-1"))?.reach.keys() ?? [])]
  expect(words.slice(0, 4)).toEqual([facts.topology.dir, "lab", "gonka_ha_lab", "GONKA-HA-lab"])
  expect(words[4]?.split(" ")).toEqual(targets)
  expect(words[5]?.split(" ")).toContain("10.0.0.21")
})

it("only runs commands that change nothing", async () => {
  const { deployment, asked } = paper(healthyFacts())
  await doctor(deployment, SCRIPT, chosenChecks([]))
  const kinds = asked.map(({ argv }) => (argv[0] === "sh" ? argv.slice(0, 2).join(" ") : argv.slice(0, 2).join(" ")))
  expect([...new Set(kinds)].sort()).toEqual(["docker exec", "sh -c", "sh -s", "true"])
  expect(asked.filter(({ argv }) => argv[1] === "-c").every(({ argv }) => argv[3] === "read-receipts")).toBe(true)
  expect(asked.filter(({ argv }) => argv[0] === "docker").every(({ argv }) => argv.at(-1) === "check")).toBe(true)
})

describe("what is left on this machine", () => {
  const DISKS = ".gonka-ha/disk-readings.json"
  const growth = ({ checks }: DoctorReport) =>
    checks.find(({ id }) => id === "host.disk-growth")?.findings.find(({ subject }) => subject === "sen-1")
  const days = (count: number) => count * 24 * 3_600_000

  it("is how much room each disk has, from which the next look tells when it is full", async () => {
    const before = paper(healthyFacts())
    await before.deployment.local.removeBelow(".gonka-ha", "disk-readings.json")
    const first = await doctor(before.deployment, SCRIPT, chosenChecks(["host"]))
    expect(growth(first)).toBeUndefined()

    const fuller = broken(healthyFacts(), observed(host("sen-1", () => ({ disk: seen({ totalBytes: 500e9, freeBytes: 140e9 }) }))))
    const after = paper(fuller)
    await after.deployment.local.replace(DISKS, before.deployment.local.texts.get(DISKS) ?? "", 0o600)
    after.deployment.clock.advance(days(6))
    const second = await doctor(after.deployment, SCRIPT, chosenChecks(["host.disk-growth"]))
    expect(growth(second)).toEqual({
      subject: "sen-1",
      verdict: "warn",
      measured: "full in about 14 days: 9.3 GiB a day in the last 6 days, 130.4 GiB free",
    })
  })

  it("spoils nothing where it cannot be written, and that is said", async () => {
    const { deployment } = paper(healthyFacts())
    const local = { ...deployment.local, replace: () => Promise.reject(new Error("read-only file system")) }
    const report = await doctor({ ...deployment, local }, SCRIPT, chosenChecks([]))
    expect(wrong(report)).toEqual([])
    expect(deployment.events).toEqual([
      { kind: "note", text: "how full the disks are could not be kept for the next look: read-only file system" },
    ])
  })

  it("is not believed where it is damaged", async () => {
    const { deployment } = paper(healthyFacts())
    await deployment.local.replace(DISKS, "{", 0o600)
    await deployment.local.replace(".gonka-ha/backups/main.json", "{}", 0o600)
    const report = await doctor(deployment, SCRIPT, chosenChecks(["record.backup", "host.disk-growth"]))
    expect(growth(report)).toBeUndefined()
    expect(wrong(report).map((each) => each.split(" ").slice(0, 2).join(" "))).toEqual(["unknown record.backup"])
  })
})
