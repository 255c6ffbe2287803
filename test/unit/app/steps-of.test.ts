import { describe, expect, it } from "vitest"
import { stepsOf } from "../../../src/app/carry-out.ts"
import type { OperationKind } from "../../../src/core/observe/state.ts"
import { layout } from "../../../src/core/render/layout.ts"
import { aTopology, type Change, changed, container, healthy, host, theValidator } from "../../support/observed.ts"
import { aDeployment } from "../../support/paper-deployment.ts"

const topology = aTopology()
const validator = theValidator(topology)
const GUARD = `${layout.signer.config("main")}/guard.sh`

const older = container("sig-1", "main-signer", { digest: "old" })
const otherImage = container("sig-1", "main-signer", { digest: "old", image: "tmkms:before" })
const sameTag = container("sig-1", "main-signer", { digest: "old", image: `sha256:${"a".repeat(64)}` })
const otherGuard = host("sig-1", ({ files }) => ({ files: new Map([...files, [GUARD, "other"]]) }))

function steps(kind: OperationKind, ...changes: readonly Change[]) {
  const observed = changed(healthy(topology), ...changes)
  return stepsOf(aDeployment(), observed, validator, { kind, to: "node-2", from: "node-1" }, "in-gap")
}
const installs = (kind: OperationKind, ...changes: readonly Change[]) => steps(kind, ...changes).some((step) => step.kind === "files.push")
const recreates = (kind: OperationKind, ...changes: readonly Change[]) =>
  steps(kind, ...changes).flatMap((step) => (step.kind === "signer.move" ? [step.args.recreate] : []))

describe("a failover", () => {
  it("brings the signer's files along, and makes its container anew", () => {
    expect([installs("failover", older, otherGuard), recreates("failover", older, otherGuard)]).toEqual([true, [true]])
    expect([installs("failover", sameTag, otherGuard), recreates("failover", sameTag, otherGuard)]).toEqual([true, [true]])
  })

  it("leaves a container of another image with the files that it can read", () => {
    expect([installs("failover", otherImage, otherGuard), recreates("failover", otherImage, otherGuard)]).toEqual([false, [false]])
  })

  it("makes a container of another image anew where the files are the same", () => {
    expect([installs("failover", otherImage), recreates("failover", otherImage)]).toEqual([false, [true]])
  })
})

it.each(["promote", "abort"] as const)("%s installs nothing: its files were there before it began", (kind) => {
  expect([installs(kind, otherImage, otherGuard), recreates(kind, otherImage, otherGuard)]).toEqual([false, [true]])
})
