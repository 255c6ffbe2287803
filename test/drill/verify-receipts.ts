import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { z } from "zod"
import { signerLog } from "./collect-signer-logs.ts"
import { disagreements } from "./disagreements.ts"
import { DEPLOYMENT_DIR, SIGNER_CONTAINER, SIGNER_HOST, shell } from "./host-facts.ts"
import { privvalOf } from "./prove-move.ts"
import { parseReceipt, type ReceiptRead } from "./receipt.ts"
import { type ReceiptBytes, receiptChainFaults } from "./receipt-chain.ts"
import { type SignedLine, signedLines } from "./signer-log.ts"
import type { Site } from "./site.ts"

const STEP_PRECOMMIT = 2

/**
 * Everything in which the receipts of a deployment do not hold together, or contradict the chain, as validators that are not ours have it,
 * or the signer's own log. Empty when all agree; a deployment without a receipt is a fault as well.
 */
export async function verifyReceipts(site: Site, validator = "main"): Promise<readonly string[]> {
  const [here, there] = await Promise.all([receiptsHere(site, validator), receiptsThere(site, validator)])
  const faults = receiptChainFaults(here, there)
  const log = signedLines((await signerLog(site.lab, SIGNER_HOST, SIGNER_CONTAINER)).text)
  for (const [name, bytes] of [...there].sort()) {
    const written: unknown = JSON.parse(bytes.toString("utf8"))
    // What was taken back before the signer ever moved has no heights on two sides; its place in the chain of receipts counts all the same.
    if (neverMoved(written)) continue
    const receipt = parseReceipt(written)
    const found = [...(await disagreements(site.witness, receipt)), ...logFaults(site, receipt, log)]
    faults.push(...found.map((fault) => `${name}: ${fault}`))
  }
  return faults
}

const NEVER_MOVED = z.object({ kind: z.literal("abort"), lastSignedThroughOld: z.object({ commits: z.undefined().optional() }) })

function neverMoved(receipt: unknown): boolean {
  return NEVER_MOVED.safeParse(receipt).success
}

/** A log that begins later, because its container was made anew, says nothing of the height. */
function logFaults(
  site: Site,
  { from, to, lastSignedThroughOld, firstSignedThroughNew }: ReceiptRead,
  log: readonly SignedLine[],
): string[] {
  const oldest = Math.min(...log.map(({ height }) => height))
  const check = (height: number, node: string) => {
    const lines = log.filter((line) => line.height === height && line.step === STEP_PRECOMMIT)
    if (lines.length === 0) return height > oldest ? [`the signer's log has no precommit for ${height}`] : []
    return lines.some(({ through }) => through === privvalOf(site, node))
      ? []
      : [`${height} was not signed through ${node}, says the signer's log`]
  }
  return [...check(lastSignedThroughOld, from), ...check(firstSignedThroughNew, to)]
}

async function receiptsHere({ operator }: Site, validator: string): Promise<ReceiptBytes> {
  const dir = operator.path(`.gonka-ha/receipts/${validator}`)
  const names = await readdir(dir)
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(dir, name))] as const)))
}

async function receiptsThere({ lab }: Site, validator: string): Promise<ReceiptBytes> {
  const dir = `${DEPLOYMENT_DIR}/signers/${validator}/receipts`
  const names = (await shell(lab, SIGNER_HOST, `ls ${dir}`)).split("\n").filter((name) => name !== "")
  const files = names.map(async (name) => [name, Buffer.from(await shell(lab, SIGNER_HOST, `base64 ${dir}/${name}`), "base64")] as const)
  return new Map(await Promise.all(files))
}
