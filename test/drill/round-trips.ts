import { expect } from "vitest"
import { signerLog } from "./collect-signer-logs.ts"
import { SIGNER_CONTAINER, SIGNER_HOST } from "./host-facts.ts"
import { proveMove } from "./prove-move.ts"
import { type ReceiptRead, receiptIn } from "./receipt.ts"
import { alarms } from "./signer-log.ts"
import type { Site } from "./site.ts"

/** There and back as often as that, each move proven; gives the missed blocks of each. */
export async function roundTrips(site: Site, trips: number, report: (line: string) => void): Promise<readonly number[]> {
  const missed: number[] = []
  for (let trip = 1; trip <= trips; trip++) {
    for (const to of ["node-2", "node-1"]) missed.push((await promote(site, to, report)).missed.length)
  }
  const { text } = await signerLog(site.lab, SIGNER_HOST, SIGNER_CONTAINER)
  expect(alarms(text)).toEqual([])
  return missed
}

async function promote(site: Site, to: string, report: (line: string) => void): Promise<ReceiptRead> {
  const receipt = receiptIn(await site.operator.run(["promote", to, "--yes", "--json"]))
  report(
    `${receipt.from} -> ${receipt.to}: last ${receipt.lastSignedThroughOld}, first ${receipt.firstSignedThroughNew}, missed ${receipt.missed.length}`,
  )
  await proveMove(site, receipt)
  return receipt
}
