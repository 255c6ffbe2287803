import { expect } from "vitest"
import { collectSignerLogs } from "./collect-signer-logs.ts"
import { SIGNER_CONTAINER } from "./host-facts.ts"
import { contradictions, signedLines } from "./signer-log.ts"
import type { Site } from "./site.ts"

/** No signer anywhere has ever signed two things at one place, and no block reports that ours did. */
export async function proveOneSigner(site: Site): Promise<void> {
  const logs = await collectSignerLogs(site.lab)
  const signers = logs.filter(({ container }) => container === SIGNER_CONTAINER)
  expect(signers.map(({ host }) => host)).toEqual(["sig-1"])
  for (const { host, container, text } of logs) expect(contradictions(signedLines(text)), `${container} on ${host}`).toEqual([])
  for (const { text } of signers) {
    expect(signedLines(text).length).toBeGreaterThan(0)
  }
  const { doubleSigns, tombstoned } = await site.witness.testify(1, await site.witness.judgedTip())
  expect(doubleSigns).toEqual([])
  expect(tombstoned).toBe(false)
}
