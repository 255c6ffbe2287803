import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { ensureSetup } from "../../dev/setup/ensure-setup.ts"
import { dumpBlackBox } from "../drill/black-box.ts"
import { signerLog } from "../drill/collect-signer-logs.ts"
import { editSpec } from "../drill/edit-spec.ts"
import {
  DEPLOYMENT_DIR,
  KEY_FILE,
  SIGNER_CONTAINER,
  SIGNER_HOST,
  STATE_FILE,
  shell,
  signerFile,
  standing,
  stateHeight,
} from "../drill/host-facts.ts"
import { journalLines, operations, receiptNames } from "../drill/journals.ts"
import { privvalOf, proveMove } from "../drill/prove-move.ts"
import { proveOneSigner } from "../drill/prove-one-signer.ts"
import { receiptIn } from "../drill/receipt.ts"
import { waitForStatus } from "../drill/settle.ts"
import { signedLines } from "../drill/signer-log.ts"
import { bringUp, openSite, type Site } from "../drill/site.ts"
import { composeUpByHand, guardRefusal, stopSignerByHand, tmkmsOn } from "../drill/tamper.ts"
import { makeCometKey } from "../lab/chain/comet-keys.ts"
import { Lab } from "../lab/lab.ts"
import { waitUntil } from "../lab/wait-until.ts"

const BLOCK_MS = 1000
/** One timeout for a host that does not answer, and room for a busy machine; two timeouts in a row would not fit. */
const ONE_TIMEOUT_MS = 30_000
const QUIET_BLOCKS = 50
const FAILOVER_SHORT_BLOCKS = 4
/** Long enough to be seen inside it. */
const JAIL_SECONDS = 15

/** What is done by hand on the signer's host, what the guard says then, and what `up` says before it touches anything. */
type Tampering = {
  readonly name: string
  readonly says: string
  readonly upSays?: string
  readonly tamper: string
  readonly restore: string
}

const report = (line: string) => process.stderr.write(`${line}\n`)
const activeNode = (site: Site) => signerFile(site.lab, "aim")

beforeAll(async () => {
  await ensureSetup(report)
  await Lab.cleanStale(report)
})

async function signsOn({ witness }: Site, blocks: number): Promise<void> {
  await witness.waitForSigned(await witness.judgedTip(), blocks)
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly tookMs: number }> {
  const begun = performance.now()
  const value = await work()
  return { value, tookMs: performance.now() - begun }
}

// The two labs have nothing to do with each other and mostly wait for blocks, so they share the machine and the time.
describe.concurrent("hosts that fail", () => {
  let site: Site

  beforeAll(async () => {
    site = await openSite({ label: "fail", blockMs: BLOCK_MS, report })
    await bringUp(site, BLOCK_MS)
    site.chain.load.start()
  })

  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await dumpBlackBox(site, task.name)
  })

  afterAll(async () => {
    await site?.down()
  })

  test.sequential("Z6: the active node's host loses power and comes back: it signs again by itself, and its parking signer stays away", async () => {
    const { lab, witness } = site
    const before = await witness.judgedTip()
    await lab.kill("val-1")
    await lab.powerOn("val-1")
    const signedAgain = await witness.waitForSigned(before + 2, 5)
    report(`signs again after ${signedAgain - before} blocks`)
    expect(await activeNode(site)).toBe("node-1")
    expect(await tmkmsOn(lab, "val-1")).toEqual([])
    const parking = (await signerLog(lab, "val-1", "demo-node-1-parking")).text.trimEnd().split("\n")
    expect(parking.at(-1)).toContain("park: waiting")
    await waitForStatus(site, 0)
  })

  test.sequential("the signer's host loses power and comes back: it signs again by itself", async () => {
    const { lab, witness } = site
    const before = await witness.judgedTip()
    await lab.kill(SIGNER_HOST)
    await lab.powerOn(SIGNER_HOST)
    const signedAgain = await witness.waitForSigned(before + 2, 5)
    report(`signs again after ${signedAgain - before} blocks`)
    await waitForStatus(site, 0)
    await proveOneSigner(site)
  })

  test.sequential("the active node cannot be managed but lives on: failover refuses, status costs one timeout", async () => {
    const { lab, operator } = site
    await lab.pause("val-1")
    try {
      const seen = await timed(() => operator.run(["status"]))
      expect(seen.value.code).toBe(4)
      expect(seen.value.stdout).toMatch(/\? node-1\b.*\bval-1\b/)
      expect(seen.value.stdout).toContain("val-1: host val-1 cannot be reached")
      expect(seen.tookMs).toBeLessThan(ONE_TIMEOUT_MS)
      const answer = await operator.run(["failover", "node-2", "--yes"])
      expect(answer.code, answer.stderr).toBe(6)
      expect(answer.stderr).toContain("the chain shows that the validator signs on")
      expect(await activeNode(site)).toBe("node-1")
      await signsOn(site, 3)
    } finally {
      await lab.unpause("val-1")
    }
    await waitForStatus(site, 0)
  })

  test.sequential("the active node's host is lost: one command fails over", async () => {
    const { lab, operator } = site
    // As after a new version of gonka-ha: the signer's files are older, and with a host lost no `up` can bring them.
    const outdated = `${DEPLOYMENT_DIR}/signers/main/config/signer-health.sh`
    await shell(lab, "sig-1", `echo '# of an earlier version' >> ${outdated}`)
    await lab.kill("val-1")
    const receipt = receiptIn(await operator.run(["failover", "node-2", "--yes", "--json"]))
    expect(await shell(lab, "sig-1", `tail -n 1 ${outdated}`)).not.toContain("earlier version")
    const since = receipt.missed.filter((height) => height > receipt.startHeight)
    report(`failover: began at ${receipt.startHeight}, first signed ${receipt.firstSignedThroughNew}, missed since ${since.length}`)
    expect(receipt).toMatchObject({ kind: "failover", from: "node-1", to: "node-2" })
    expect(await activeNode(site)).toBe("node-2")
    await proveMove(site, receipt)
    // The command itself takes two to three of these short blocks; at blocks of 5 s it is one at most (moves.e2e.test.ts).
    expect(since.length).toBeLessThanOrEqual(FAILOVER_SHORT_BLOCKS)
  })

  test.sequential("orchestrator #159: the lost host comes back: it waits, nothing is signed through it for 50 blocks, and up parks it", async () => {
    const { lab, operator, witness } = site
    await lab.powerOn("val-1")
    const from = await witness.judgedTip()
    const said = await waitUntil(
      "status to say what the old node waits for",
      async () => {
        const { code, stdout } = await operator.run(["status"])
        const text = stdout.replaceAll(/\s+/g, " ")
        return code === 4 && text.includes("node-1 waits for the validator's signer, which has moved; run gonka-ha up to park it")
          ? text
          : undefined
      },
      { stuckAfterMs: 60_000 },
    )
    expect(said).toContain("main: active at node-2")
    const { signed } = await witness.testify(from, from + QUIET_BLOCKS)
    expect(signed.length).toBeGreaterThanOrEqual(QUIET_BLOCKS)
    const lines = signedLines((await signerLog(lab, SIGNER_HOST, SIGNER_CONTAINER)).text)
    expect(lines.filter(({ height, through }) => height >= from && through === privvalOf(site, "node-1"))).toEqual([])
    expect(await tmkmsOn(lab, "val-1")).toEqual([])

    await operator.must(["up", "--yes"])
    await waitForStatus(site, 0)
    expect((await operator.run(["up", "--yes"])).stdout).toContain("nothing to do")
    expect((await tmkmsOn(lab, "val-1")).length).toBe(1)
    expect(await activeNode(site)).toBe("node-2")
    await proveOneSigner(site)
  })

  test.sequential("a failover that is killed half-way is finished by --resume", async () => {
    const { lab, operator } = site
    await lab.kill("val-2")
    const killed = await operator.run(["failover", "node-1", "--yes"], { env: { GONKA_HA_CRASH_AFTER: "signer.move" } })
    expect(killed.code, killed.stderr).toBe(-1)
    const before = await receiptNames(operator)
    const receipt = receiptIn(await operator.run(["promote", "--resume", "--json"]))
    expect(receipt).toMatchObject({ kind: "failover", from: "node-2", to: "node-1" })
    expect(await receiptNames(operator)).toEqual([...before, receipt.operation])
    await proveMove(site, receipt)
    await lab.powerOn("val-2")
    await operator.must(["up", "--yes"])
    await waitForStatus(site, 0)
    await proveOneSigner(site)
  })
})

describe.concurrent("commands that are refused", () => {
  let site: Site

  beforeAll(async () => {
    site = await openSite({ label: "refuse", blockMs: BLOCK_MS, report, jailSeconds: JAIL_SECONDS })
    await bringUp(site, BLOCK_MS)
  })

  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await dumpBlackBox(site, task.name)
  })

  afterAll(async () => {
    await site?.down()
  })

  /** Refused with this code and these words; every container, the aim, the floor and every port's owner stand as before, and the validator signs on. */
  async function refused(args: readonly string[], code: number, words: readonly string[]): Promise<void> {
    const before = { standing: await standing(site.lab), receipts: await receiptNames(site.operator) }
    const answer = await site.operator.run(args)
    expect(answer.code, `${args.join(" ")}: ${answer.stderr}`).toBe(code)
    for (const word of words) expect(answer.stderr).toContain(word)
    expect(answer.stdout).toBe("")
    expect({ standing: await standing(site.lab), receipts: await receiptNames(site.operator) }).toEqual(before)
    expect(await signerFile(site.lab, "operation.json")).toBe("")
    await signsOn(site, 2)
  }

  test.sequential("a node that does not exist, a node that is no candidate", async () => {
    await refused(["promote", "node-9", "--yes"], 64, ["node-9 is not a candidate", "node-1, node-2"])
    await refused(["promote", "sentry-1", "--yes"], 64, ["sentry-1 is not a candidate"])
  })

  test.sequential("no terminal and no --yes", async () => {
    await refused(["promote", "node-2"], 64, ["--yes"])
  })

  test.sequential("a failover while the active node is well", async () => {
    await refused(["failover", "node-2", "--yes"], 6, ["nothing was changed", "the active node is healthy", "gonka-ha promote node-2"])
  })

  test.sequential("nothing to resume", async () => {
    await refused(["promote", "--resume"], 6, ["nothing to resume"])
  })

  test.sequential("a jail budget that would not last", async () => {
    // The file is told of a wider window than the chain has: what the chain says wins.
    const restore = await editSpec(site.operator, [
      [["policy", "jailReserveBlocks"], 95],
      [["chain", "slashing", "windowBlocks"], 1000],
    ])
    try {
      await refused(["promote", "node-2", "--yes"], 6, ["nothing was changed", "blocks are left until jail", "policy.jailReserveBlocks"])
    } finally {
      await restore()
    }
  })

  test.sequential("a target that stands still", async () => {
    await shell(site.lab, "val-2", "docker pause demo-node-2")
    try {
      await refused(["promote", "node-2", "--yes"], 6, ["nothing was changed", "node-2"])
    } finally {
      // A host with something frozen in it cannot even be removed.
      await shell(site.lab, "val-2", "docker unpause demo-node-2")
    }
    await waitForStatus(site, 0)
  })

  test.sequential("a signer's state that is missing", async () => {
    const dir = STATE_FILE.replace(/\/[^/]+$/, "")
    // Taken away with its directory: the running signer would write the file alone again at its next signature.
    await shell(site.lab, SIGNER_HOST, `mv ${dir} ${dir}.away`)
    await refused(["promote", "node-2", "--yes"], 6, ["nothing was changed", "the signer's state file is missing"])
    await shell(site.lab, SIGNER_HOST, `rmdir ${dir} 2>/dev/null; mv ${dir}.away ${dir}`)
    await waitForStatus(site, 0)
  })

  test.sequential("a key that was swapped on the signer's host", async () => {
    await withSwappedKey(async () => {
      await refused(["promote", "node-2", "--yes"], 6, ["nothing was changed", "the key file belongs to another validator"])
      await refused(["up", "--yes"], 6, ["is not the one that gonka-ha keeps here"])
    })
    await waitForStatus(site, 0)
  })

  test.sequential("a second promotion while one runs", async () => {
    const { operator } = site
    const before = new Set(await operations(operator))
    const first = operator.start(["promote", "node-2", "--yes", "--json"])
    const isUnderWay = async () => {
      const fresh = (await operations(operator)).filter((operation) => !before.has(operation))
      return (await Promise.all(fresh.map((operation) => journalLines(operator, operation)))).flat().length > 0 ? true : undefined
    }
    await waitUntil("the first promotion to begin", isUnderWay, { stuckAfterMs: 60_000, pollMs: 20 })
    const second = await operator.run(["promote", "node-2", "--yes"])
    expect(second.code, second.stderr).toBe(8)
    // On a slow machine the first one may end while the second one looks.
    expect(second.stderr).toMatch(/the signer of main (is|was) locked by/)
    const receipt = receiptIn(await first.answer)
    expect((await operations(operator)).length).toBe(before.size + 1)
    await proveMove(site, receipt)
    expect(receipt.missed.length).toBeLessThanOrEqual(1)
    await waitForStatus(site, 0)
  })

  test.sequential("the signer's host out of reach: nobody moves anything, and nothing hangs", async () => {
    const { lab, operator } = site
    const state = await stateHeight(lab)
    await lab.cut(SIGNER_HOST)
    try {
      const seen = await timed(() => operator.run(["status"]))
      expect(seen.value.code).toBe(5)
      expect(seen.value.stdout).toContain("it is not clear who signs")
      expect(seen.tookMs).toBeLessThan(ONE_TIMEOUT_MS)
      const move = await timed(() => operator.run(["promote", "node-1", "--yes"]))
      expect(move.value.code, move.value.stderr).toBe(6)
      expect(move.value.stderr).toContain("nothing was changed")
      expect(move.value.stderr).toContain("sig-1")
      expect(move.tookMs).toBeLessThan(2 * ONE_TIMEOUT_MS)
    } finally {
      await lab.heal(SIGNER_HOST)
    }
    expect(await activeNode(site)).toBe("node-2")
    await site.witness.waitForSigned(state, 3)
    await waitForStatus(site, 0)
  })

  test.sequential("the guard alone: docker compose up by hand starts no signer that must not start", async () => {
    const { lab } = site
    const control = STATE_FILE.replace("/state/priv_validator_state.json", "/control")
    const cases: readonly Tampering[] = [
      {
        name: "a fence",
        says: "guard: the signer does not start: fenced: replaced by another host",
        tamper: `echo "replaced by another host" >${control}/fence`,
        restore: `rm ${control}/fence`,
      },
      {
        name: "no state",
        says: "priv_validator_state.json is missing",
        upSays: "the signer's state file is missing",
        tamper: `mv ${STATE_FILE} ${STATE_FILE}.away`,
        restore: `mv ${STATE_FILE}.away ${STATE_FILE}`,
      },
      {
        name: "a state that was rolled back",
        says: "it was rolled back",
        upSays: "it was rolled back",
        tamper: `cp -p ${STATE_FILE} ${STATE_FILE}.away; sed -i 's/"height":"[0-9]*"/"height":"3"/' ${STATE_FILE}`,
        restore: `mv ${STATE_FILE}.away ${STATE_FILE}`,
      },
    ]
    await stopSignerByHand(lab)
    const state = await stateHeight(lab)
    for (const { name, says, upSays, tamper, restore } of cases) {
      await shell(lab, SIGNER_HOST, tamper)
      if (upSays !== undefined) {
        const answer = await site.operator.run(["up", "--yes"])
        expect(answer.code, name).toBe(6)
        expect(answer.stderr, name).toContain(upSays)
      }
      expect(await guardRefusal(lab), name).toContain(says)
      await stopSignerByHand(lab)
      await shell(lab, SIGNER_HOST, restore)
    }
    await withSwappedKey(async () => {
      expect(await guardRefusal(lab)).toContain("the key file belongs to another validator")
      await stopSignerByHand(lab)
    })
    expect(await stateHeight(lab)).toBe(state)
    await composeUpByHand(lab)
    await site.witness.waitForSigned(state, 3)
    await waitForStatus(site, 0)
    await proveOneSigner(site)
  })

  test.sequential("jailed: status says what is to be done, nothing is moved, and after the unjail transaction the validator signs again", async () => {
    const { operator, chain, witness } = site
    await operator.must(["signer", "fence", "--reason", "a drill", "--yes"])
    const jailed = async () => ((await operator.run(["status"])).stdout.includes("main is jailed") ? true : undefined)
    await waitUntil("half of the window to be missed", jailed, { stuckAfterMs: 300_000, pollMs: 2000 })
    await operator.must(["signer", "unfence", "--yes"])
    await operator.must(["up", "--yes"])
    expect((await operator.run(["signer", "status"])).stdout).toContain("node-2")
    expect((await operator.must(["explain", "node-2"])).stdout).toContain("signs through node-2")
    expect((await operator.must(["explain", "node-1"])).stdout).toContain("can take over main now")
    const status = await operator.run(["status"])
    expect(status.code).toBe(5)
    expect(status.stdout.replaceAll(/\s+/g, " ")).toContain("its account has to send the chain's unjail transaction")
    await waitUntil(
      "the jail to be over",
      () =>
        chain.unjail().then(
          () => true,
          () => undefined,
        ),
      { stuckAfterMs: 120_000, pollMs: 2000 },
    )
    await waitForStatus(site, 0)
    await signsOn(site, 3)
    expect((await witness.testify(await witness.judgedTip(), await witness.judgedTip())).tombstoned).toBe(false)
  })

  async function withSwappedKey(work: () => Promise<void>): Promise<void> {
    const { seedBase64 } = makeCometKey()
    await shell(site.lab, SIGNER_HOST, `cp -p ${KEY_FILE} /root/key.away; printf %s ${seedBase64} >${KEY_FILE}`)
    try {
      await work()
    } finally {
      await shell(site.lab, SIGNER_HOST, `cat /root/key.away >${KEY_FILE}; rm /root/key.away`)
    }
  }
})
