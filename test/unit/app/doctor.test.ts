import { describe, expect, it } from "vitest"
import { doctor } from "../../../src/app/doctor.ts"
import type { DoctorReport } from "../../../src/core/doctor/doctor-report.ts"
import { chosenChecks } from "../../../src/core/doctor/examine.ts"
import type { DoctorFacts } from "../../../src/core/doctor/facts.ts"
import { AppError, EXIT } from "../../../src/core/errors.ts"
import { valueIn } from "../../../src/core/observe/state.ts"
import type { HostAccess } from "../../../src/core/ports.ts"
import { type Break, broken, examinationText, healthyFacts, notProbed, observed, probed } from "../../support/doctor-facts.ts"
import { hostAway, nodeAway, signer } from "../../support/observed.ts"
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
  return { deployment, asked }
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
