import { describe, expect, it } from "vitest"
import { plan } from "../../../src/app/plan.ts"
import { parseSavedPlan } from "../../../src/core/plan/saved-plan.ts"
import { layout } from "../../../src/core/render/layout.ts"
import { sha256 } from "../../../src/edge/sha256.ts"
import { aTopology, type Change, changed, healthy, hostAway, secretsOf, signer } from "../../support/observed.ts"
import { readableHosts, textsOf, withConfig } from "../../support/older-world.ts"
import { aDeployment, type PaperDeployment } from "../../support/paper-deployment.ts"
import { speakingHosts } from "../../support/speaking-hosts.ts"

const topology = aTopology()
const older = withConfig("sentry-1", { "p2p.max_num_inbound_peers": 40 })

/** A deployment on whose hosts another topology was brought up; they answer as they would over SSH, and nothing can be changed on them. */
function deploymentAfter(installed = older, ...changes: readonly Change[]): PaperDeployment & { readonly asked: readonly string[] } {
  const asked: string[] = []
  const hosts = speakingHosts(topology, changed(healthy(installed), ...changes), () => deployment.clock)
  const deployment: PaperDeployment = aDeployment(readableHosts(hosts, textsOf(installed), asked), { topology })
  return { ...deployment, asked }
}

const planned = (deployment: PaperDeployment, out?: string) => plan(deployment, { version: "1.2.3", out })

describe("plan", () => {
  it("tells what differs, down to the line, and changes nothing", async () => {
    const deployment = deploymentAfter()
    const report = await planned(deployment)
    expect(report.summary).toEqual({ changes: 2, hosts: 1, restarts: 1, moves: 0, heldBack: 0 })
    expect(JSON.stringify(report)).toContain('"removed":["max_num_inbound_peers = 40"]')
    expect([...deployment.local.texts]).toEqual([])
  })

  it("reads no file that is as it should be, and no secret", async () => {
    const deployment = deploymentAfter()
    await planned(deployment)
    expect([...deployment.asked].sort()).toEqual(["sen-1/compose.yaml", "sen-1/nodes/sentry-1/config/config.toml"])
    const secrets = secretsOf(topology).map(({ host, path }) => `${host}/${path}`)
    expect(deployment.asked.filter((path) => secrets.includes(path) || path.includes(`/${layout.secrets.node("")}`))).toEqual([])
  })

  it("has nothing to do where everything is as it should be", async () => {
    expect(await planned(deploymentAfter(topology))).toMatchObject({ hosts: [], heldBack: [] })
  })

  it("names every host that is away, with exit 9", async () => {
    await expect(planned(deploymentAfter(older, hostAway("sen-2"), hostAway("val-2")))).rejects.toMatchObject({
      exit: 9,
      issues: [{ path: "sen-2" }, { path: "val-2" }],
    })
  })

  it("refuses with every reason, with exit 6, and saves nothing then", async () => {
    const deployment = deploymentAfter(older, signer({ aim: "sentry-1" }))
    await expect(planned(deployment, "plan.json")).rejects.toMatchObject({ exit: 6, issues: [{ path: "main" }] })
    expect([...deployment.local.texts]).toEqual([])
  })
})

describe("plan --out", () => {
  it("keeps what was seen and what is to be done, without a secret", async () => {
    const deployment = deploymentAfter()
    await planned(deployment, "plan.json")
    const saved = parseSavedPlan(deployment.local.texts.get("plan.json") ?? "", sha256)
    expect(saved).toMatchObject({
      schema: "gonka-ha/saved-plan/v1",
      version: "1.2.3",
      deployment: "lab",
      by: "anna@desk",
      made: "2026-11-23T12:00:00.000Z",
    })
    expect(saved?.steps.map(({ title }) => title)).toEqual([
      "sen-1: install 2 files",
      "sen-1: bring up sentry-1",
      "sentry-1: wait until fresh",
    ])
  })

  it("is private, and written in one piece", async () => {
    const written: (readonly [string, number])[] = []
    const deployment = deploymentAfter()
    const local = { ...deployment.local, replace: async (path: string, _: unknown, mode: number) => void written.push([path, mode]) }
    await plan({ ...deployment, local }, { version: "1.2.3", out: "plan.json" })
    expect(written).toEqual([["plan.json", 0o600]])
  })

  it("writes over an older plan, and over nothing else", async () => {
    const deployment = deploymentAfter()
    await planned(deployment, "plan.json")
    await planned(deployment, "plan.json")
    await deployment.local.create("gonka-ha.yaml", "name: lab\n", 0o644)
    await expect(planned(deployment, "gonka-ha.yaml")).rejects.toMatchObject({ code: "FILE_EXISTS", exit: 6 })
    expect(deployment.local.texts.get("gonka-ha.yaml")).toBe("name: lab\n")
  })
})
