import { describe, expect, it } from "vitest"
import type { Cli } from "../../../../src/cli/cli.ts"
import { runCommand } from "../../../../src/cli/program.ts"
import { errorText } from "../../../../src/cli/show-error.ts"
import { layout } from "../../../../src/core/render/layout.ts"
import { localPorts } from "../../../support/local-ports.ts"
import { LostSignerWorld } from "../../../support/lost-signer-world.ts"
import { aTerminal } from "../../../support/terminal.ts"

const SENTENCE = "sig-1 is powered off and stays off until its disk is wiped"

async function lost(): Promise<LostSignerWorld> {
  const site = new LostSignerWorld()
  await site.blocks(3)
  site.world.powerOff(site.world.host("sig-1"))
  await site.blocks(10)
  return site
}

async function say(site: LostSignerWorld, argv: readonly string[], typed?: string) {
  const { io, said } = aTerminal(typed === undefined ? { interactive: false } : { interactive: true, answer: typed })
  const cli: Cli = {
    version: "1.2.3",
    io,
    env: { file: undefined, destination: undefined, yes: true },
    now: () => "2026-11-23T12:00:00.000Z",
    local: async () => localPorts,
    backups: () => Promise.reject(new Error("no backup is made here")),
    withDeployment: (_, work) => site.during(work(site.deployment())),
  }
  try {
    return { exit: await runCommand(cli, ["signer", "replace", ...argv]), ...said }
  } catch (error) {
    const { text, exit } = errorText(error)
    return { exit, out: said.out, err: said.err + text }
  }
}

const RISK = ["sig-1", "--accept-double-sign-risk"]
const OFF = [...RISK, "--fence", "power-off"]
const isUntouched = (site: LostSignerWorld) => !site.world.host("sig-2").disk.has(`${site.topology.dir}/${layout.signer.epoch("main")}`)

describe("gonka-ha signer replace", () => {
  it("is refused without the flag, and says what is meant for a lost node", async () => {
    const { exit, err } = await say(await lost(), ["sig-1", "--fence", "power-off"])
    expect(exit).toBe(6)
    expect(err).toContain("gonka-ha failover NODE")
    expect(err).toContain("--accept-double-sign-risk")
  })

  it("asks for a fence, and for one that it knows", async () => {
    const site = await lost()
    const { exit, err } = await say(site, RISK)
    expect([exit, err.includes("say --fence ssh, power-off, node-firewall, sentry-firewall or destroyed")]).toEqual([64, true])
    expect((await say(site, [...RISK, "--fence", "hope"])).exit).toBe(64)
  })

  it("says the edit that is missing in the file", async () => {
    const { exit, err } = await say(await lost(), ["sig-2", "--accept-double-sign-risk", "--fence", "power-off"])
    expect(exit).toBe(6)
    expect(err).toContain("signer: { host: NEW-HOST, replaces: [sig-1, sig-2] }")
    expect((await say(await lost(), ["val-1", "--accept-double-sign-risk"])).exit).toBe(64)
  })

  it("shows plan, fence and sentence, and changes nothing, with --dry-run", async () => {
    const site = await lost()
    const { exit, out } = await say(site, [...OFF, "--dry-run"])
    expect(exit).toBe(0)
    expect(out).toContain("signer of main: sig-1 is lost, sig-2 takes over at node-2")
    expect(out).toContain("you answer for: it is powered off, and it does not start by itself")
    expect(out).toContain("seen: no signer of sig-1 is connected to node-1")
    expect(out).toContain("dry run: nothing was changed")
    expect(isUntouched(site)).toBe(true)
  })

  it("takes no --yes and no environment for a person's word", async () => {
    const site = await lost()
    const { exit, err } = await say(site, OFF)
    expect(exit).toBe(64)
    expect(err).toContain(`add --attest "${SENTENCE}"`)
    expect((await say(site, [...OFF, "--yes"])).exit).toBe(64)
    expect(isUntouched(site)).toBe(true)
  })

  it("takes the sentence of this fence and of this host alone", async () => {
    const site = await lost()
    const { exit, err } = await say(site, [...OFF, "--attest", "the disk of sig-1 is destroyed"])
    expect(exit).toBe(6)
    expect(err).toContain(`it is: ${SENTENCE}`)
    expect((await say(site, OFF, "yes")).exit).toBe(10)
    expect(isUntouched(site)).toBe(true)
  })

  it.each([
    ["typed", OFF, SENTENCE],
    ["given", [...OFF, "--attest", SENTENCE], undefined],
  ] as const)("goes with the sentence %s, and ends with the receipt and what comes next", async (_, argv, typed) => {
    const { exit, out } = await say(await lost(), argv, typed)
    expect(exit).toBe(0)
    expect(out).toMatch(/receipt \d+: replace of main: nowhere -> node-\d/)
    expect(out).toContain("sig-1 stays fenced for ever")
    expect(out).toContain("Run `gonka-ha up` next.")
  })
})
