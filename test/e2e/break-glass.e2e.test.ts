import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { ensureSetup } from "../../dev/setup/ensure-setup.ts"
import { dumpBlackBox } from "../drill/black-box.ts"
import { signerLog } from "../drill/collect-signer-logs.ts"
import { Hand } from "../drill/hand.ts"
import { DEPLOYMENT_DIR, SIGNER_CONTAINER, SIGNER_HOST, shell, signerFile, standing } from "../drill/host-facts.ts"
import { privvalOf, proveMove } from "../drill/prove-move.ts"
import { proveOneSigner } from "../drill/prove-one-signer.ts"
import { receiptIn } from "../drill/receipt.ts"
import { type HandStep, runbookSteps } from "../drill/runbook-steps.ts"
import { waitForStatus } from "../drill/settle.ts"
import { alarms, signedLines } from "../drill/signer-log.ts"
import { bringUp, openSite, type Site } from "../drill/site.ts"
import { Lab } from "../lab/lab.ts"

const BLOCK_MS = 5000
/** Of the chain's 100, half may be missed. */
const JAIL_BUDGET_BLOCKS = 50
const STEP_PRECOMMIT = 2
/** A person repeats a look that does not say what the runbook wants. */
const LOOKS = 30

const report = (line: string) => process.stderr.write(`${line}\n`)

beforeAll(async () => {
  await ensureSetup(report)
  await Lab.cleanStale(report)
})

describe("no gonka-ha at hand", () => {
  let site: Site
  let steps: readonly HandStep[]
  let began: number
  const hands = new Map<string, Hand>()

  beforeAll(async () => {
    site = await openSite({ label: "glass", blockMs: BLOCK_MS, report })
    await bringUp(site, BLOCK_MS)
    await waitForStatus(site, 0)
    site.chain.load.start()
  })

  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await dumpBlackBox(site, task.name)
  })

  afterAll(async () => {
    for (const hand of hands.values()) hand.leave()
    await site?.down()
  })

  test("the same steps lie on the signer's host and on the new node's, and name every host", async () => {
    const [atSigner, atNode] = await Promise.all(
      [SIGNER_HOST, "val-2"].map((host) => shell(site.lab, host, `cat ${DEPLOYMENT_DIR}/RUNBOOK.md`)),
    )
    steps = runbookSteps(atSigner ?? "", "main to node-2")
    expect(runbookSteps(atNode ?? "", "main to node-2")).toEqual(steps)
    expect(steps.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(
      steps.flatMap(({ blocks }) => blocks.map(({ host }) => host)).filter((host) => !site.lab.hosts.some(({ name }) => name === host)),
    ).toEqual([])
  })

  test("by the runbook's commands alone the validator moves, and the chain hears of nothing but a few missed blocks", async () => {
    began = await site.chain.height()
    expect(await signerFile(site.lab, "aim")).toBe("node-1")
    const epoch = Number(await signerFile(site.lab, "epoch"))

    await typeAll(1)
    const locked = await shell(site.lab, SIGNER_HOST, `flock -n ${DEPLOYMENT_DIR}/lock/main/lock true && echo free || echo held`)
    expect(locked.trim()).toBe("held")
    expect(Number(await signerFile(site.lab, "epoch"))).toBe(epoch + 1)
    const other = await site.operator.run(["promote", "node-2", "--yes"])
    expect(other.code, other.stderr).toBe(8)
    expect(other.stderr).toMatch(/by hand since .*: main to node-2/)

    await typeAll(2)
    await repeat(2, (text) => /"catching_up": *false/.test(text) && text.includes("connected to validator successfully"))
    const stopped = await typeAll(3)
    expect(stopped).toContain("exited")
    expect(stopped).toContain("nothing on this host signs with this key")
    const height = /"height":"(\d+)"/.exec(stopped.replaceAll(/\s/g, ""))?.[1]
    if (height === undefined) throw new Error(`no height in: ${stopped}`)
    await repeat(
      4,
      (text) => text.startsWith("go on"),
      (block) => block.replace("HEIGHT", height),
    )
    expect(await typeAll(5)).toMatch(/exited$/)
    await typeAll(6)
    const seen = new Set<string>()
    await repeat(7, (text) => {
      const [, block, count] = /"height": *"(\d+)"[\s\S]*?\n(\d+)\s*$/.exec(text) ?? []
      if (block !== undefined && count !== "0" && Number(block) > Number(height)) seen.add(block)
      return seen.size >= 2
    })
    const [park] = step(8).blocks.filter(({ host }) => host === "val-1")
    await type(park?.host ?? "", park?.block ?? "")
    // The shell of step 1 is left by its last line; what is heard after it is the one below.
    await typeAll(9)
    const free = await shell(site.lab, SIGNER_HOST, `flock -n ${DEPLOYMENT_DIR}/lock/main/lock true && echo free || echo held`)
    expect(free.trim()).toBe("free")

    const last = await site.chain.height()
    await site.witness.waitForJudged(last)
    const testimony = await site.witness.testify(began, last)
    report(`by hand: stopped at ${height}, missed ${testimony.missed.length} of ${last - began + 1}: ${testimony.missed.join(" ")}`)
    expect(testimony.missed.length).toBeLessThan(JAIL_BUDGET_BLOCKS)
    expect(testimony.doubleSigns).toEqual([])
    expect(testimony.tombstoned).toBe(false)
    const { text } = await signerLog(site.lab, SIGNER_HOST, SIGNER_CONTAINER)
    expect(alarms(text)).toEqual([])
    const through = signedLines(text).filter((line) => line.step === STEP_PRECOMMIT && line.through === privvalOf(site, "node-2"))
    expect(through.filter((line) => testimony.signed.includes(line.height)).length).toBeGreaterThanOrEqual(2)
  })

  test("afterwards status sees node-2 sign and is content, and up finds nothing to do", async () => {
    const text = await waitForStatus(site, 0)
    expect(text).toMatch(/main: active at node-2/)
    const before = await standing(site.lab)
    const up = await site.operator.run(["up", "--yes"])
    expect(up.code, up.stderr).toBe(0)
    expect(`${up.stdout}${up.stderr}`).toMatch(/nothing to do/i)
    expect(await standing(site.lab)).toEqual(before)
  })

  test("gonka-ha takes it back without missing a block, and its receipt shows the timeline", async () => {
    const receipt = receiptIn(await site.operator.run(["promote", "node-1", "--yes", "--json"]))
    await proveMove(site, receipt)
    expect(receipt.missed).toEqual([])
    report((await site.operator.must(["history", String(receipt.number)])).stdout)
    await site.operator.must(["history", "--verify"])
    await proveOneSigner(site)
  })

  function step(number: number): HandStep {
    const found = steps.find((each) => each.number === number)
    if (!found) throw new Error(`the runbook has no step ${number}`)
    return found
  }

  async function type(host: string, block: string): Promise<string> {
    let hand = hands.get(host)
    if (!hand) {
      hand = new Hand(site.lab, host)
      hands.set(host, hand)
    }
    const { code, text } = await hand.type(block)
    report(`${host}$ ${block.split("\n").join("\n    ")}\n${text}\n(${code})`)
    return text
  }

  async function typeAll(number: number, fill = (block: string) => block): Promise<string> {
    const said: string[] = []
    for (const { host, block } of step(number).blocks) said.push(await type(host, fill(block)))
    return said.join("\n")
  }

  /** Types a step until it says what its words ask for; of hosts that are alternatives, the first. */
  async function repeat(number: number, isEnough: (text: string) => boolean, fill = (block: string) => block): Promise<void> {
    const [first] = step(number).blocks
    const blocks = step(number).blocks.filter(({ host }) => host === first?.host)
    for (let look = 1; look <= LOOKS; look++) {
      const said: string[] = []
      for (const { host, block } of blocks) said.push(await type(host, fill(block)))
      if (isEnough(said.join("\n"))) return
      await new Promise((resolve) => setTimeout(resolve, 1000))
    }
    throw new Error(`step ${number} never said what it should`)
  }
})
