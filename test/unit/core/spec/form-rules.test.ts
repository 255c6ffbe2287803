import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { checkFile } from "../../../../src/app/load.ts"
import { FORM } from "../../../../src/core/spec/rules/form.ts"
import { localPorts } from "../../../support/local-ports.ts"
import { temporaryDir } from "../../../support/temporary-dir.ts"

/** The ids of everything that is wrong with a text that stands where its rule looks: in the file, or in an overlay of it. */
async function rulesBrokenBy(text: string, place: "file" | "overlay"): Promise<readonly (string | undefined)[]> {
  const dir = temporaryDir()
  const file = join(dir, "gonka-ha.yaml")
  writeFileSync(file, place === "file" ? text : "name: one\n")
  writeFileSync(join(dir, "gonka-ha.testnet.yaml"), place === "overlay" ? text : "name: one\n")
  writeFileSync(join(dir, "gonka-ha.staging.yaml"), "name: one\n")
  const { issues } = await checkFile(localPorts, { file, destination: place === "overlay" ? "testnet" : undefined })
  for (const { place, message, fix, why } of issues) expect({ place, message, fix, why }).not.toContain(undefined)
  return issues.map(({ rule }) => rule)
}

/** An example of this would be too long to read. */
const TOO_LARGE = `x-padding: ${"a".repeat(1_000_000)}\n`

describe("the rules of form", () => {
  it.each(Object.values(FORM))("$id is broken by its bad example and met by its good one", async ({ id, bad = TOO_LARGE, good }) => {
    const place = id === FORM.overlays.id ? "overlay" : "file"
    expect(await rulesBrokenBy(bad, place)).toContain(id)
    expect(await rulesBrokenBy(good, place)).not.toContain(id)
  })
})
