import { afterAll, beforeAll, expect, test } from "vitest"
import { ensureSetup } from "../../dev/setup/ensure-setup.ts"
import { runPositiveControl } from "../lab/double-sign/run-positive-control.ts"
import { Lab } from "../lab/lab.ts"

const SETUP_LIMIT_MS = 20 * 60_000
/** The waits inside give up by themselves when the chain stands still; this only ends a run that hangs. */
const TEST_LIMIT_MS = 10 * 60_000

const report = (line: string) => process.stderr.write(`${line}\n`)
let lab: Lab | undefined

beforeAll(async () => {
  await ensureSetup(report)
  lab = await Lab.create({ hosts: [], label: "control" }, { report })
}, SETUP_LIMIT_MS)

afterAll(async () => {
  await lab?.down()
}, TEST_LIMIT_MS)

test(
  "two signers with one key, outside of the product, produce evidence that the witness reports",
  async () => {
    if (lab === undefined) throw new Error("no lab")
    const { firstSigned, doubleSign, tombstoned } = await runPositiveControl(lab)
    report(`double sign at height ${doubleSign.votedAt}, reported by block ${doubleSign.reportedAt}`)
    expect(doubleSign.votedAt).toBeGreaterThanOrEqual(firstSigned)
    expect(doubleSign.reportedAt).toBeGreaterThan(doubleSign.votedAt)
    expect(tombstoned).toBe(true)
  },
  TEST_LIMIT_MS,
)
