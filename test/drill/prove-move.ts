import { expect } from "vitest"
import type { Testimony } from "../lab/witness/testimony.ts"
import { signerLog } from "./collect-signer-logs.ts"
import { SIGNER_CONTAINER, SIGNER_HOST } from "./host-facts.ts"
import type { ReceiptRead } from "./receipt.ts"
import { signedLines } from "./signer-log.ts"
import type { Site } from "./site.ts"

/** Which host each node of the preset lies on. */
export const HOST_OF: Readonly<Record<string, string>> = { "node-1": "val-1", "node-2": "val-2" }

/** `address:port` at which a node waits for a signer. */
export function privvalOf({ lab }: Site, node: string): string {
  return `${lab.host(HOST_OF[node] ?? "").address}:26658`
}

const STEP_PRECOMMIT = 2

/**
 * Holds a receipt against the two that know better: the witness says which heights carry our signature, and the signer's own log says
 * through which node each of them was asked for.
 */
export async function proveMove(site: Site, receipt: ReceiptRead): Promise<Testimony> {
  const { from, to, startHeight, lastSignedThroughOld, firstSignedThroughNew } = receipt
  const last = Math.max(firstSignedThroughNew, startHeight) + 1
  const testimony = await site.witness.testify(Math.min(startHeight, lastSignedThroughOld), last)
  const signedHeights = new Set(testimony.signed)
  const lines = signedLines((await signerLog(site.lab, SIGNER_HOST, SIGNER_CONTAINER)).text)
  const precommits = lines.filter(({ step, height }) => step === STEP_PRECOMMIT && signedHeights.has(height))
  const through = (node: string) => precommits.filter((line) => line.through === privvalOf(site, node)).map(({ height }) => height)
  const newHeights = through(to).filter((height) => height > lastSignedThroughOld)
  const oldHeights = through(from).filter((height) => height < firstSignedThroughNew)
  expect(Math.min(...newHeights), "first height through the new node").toBe(firstSignedThroughNew)
  expect(Math.max(...oldHeights), "last height through the old node").toBe(lastSignedThroughOld)
  expect(
    receipt.missed.filter((height) => height <= last),
    "missed heights",
  ).toEqual(testimony.missed.filter((height) => height >= startHeight))
  expect(testimony.doubleSigns).toEqual([])
  expect(testimony.tombstoned).toBe(false)
  return testimony
}
