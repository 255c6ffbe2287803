import { describe, expect, it } from "vitest"
import { stepsOf } from "../../../src/app/carry-out.ts"
import type { OperationKind } from "../../../src/core/observe/state.ts"
import { layout } from "../../../src/core/render/layout.ts"
import { aTopology, type Change, changed, container, healthy, host, theValidator } from "../../support/observed.ts"
import { aDeployment } from "../../support/paper-deployment.ts"

const topology = aTopology()
const validator = theValidator(topology)
const GUARD = `${layout.signer.config("main")}/guard.sh`

const otherImage = container("sig-1", "main-signer", { digest: "old", image: "tmkms:before" })
const otherGuard = host("sig-1", ({ files }) => ({ files: new Map([...files, [GUARD, "other"]]) }))

function steps(kind: OperationKind, ...changes: readonly Change[]) {
  const observed = changed(healthy(topology), ...changes)
  return stepsOf(aDeployment(), observed, validator, { kind, to: "node-2", from: "node-1" }, "in-gap")
}
const kinds = (kind: OperationKind, ...changes: readonly Change[]) => steps(kind, ...changes).map((step) => step.kind)
const recreates = (kind: OperationKind, ...changes: readonly Change[]) =>
  steps(kind, ...changes).flatMap((step) => (step.kind === "signer.move" ? [step.args.recreate] : []))

describe("a signer whose image changes", () => {
  it.each(["promote", "abort"] as const)(
    "has it on its host before %s touches anything, and its files exchanged at the last moment",
    (kind) => {
      expect(kinds(kind, otherImage, otherGuard).slice(0, 6)).toEqual([
        "image.ready",
        "standby.ready",
        "files.push",
        "port.give",
        "standby.detach",
        "signer.move",
      ])
      expect(steps(kind, otherImage, otherGuard)[0]?.args).toEqual({ host: "sig-1", image: topology.images.tmkms })
      expect(recreates(kind, otherImage, otherGuard)).toEqual([true])
    },
  )

  it("stays as it is in a failover, which waits for no registry", () => {
    expect(kinds("failover", otherImage, otherGuard)).not.toContain("files.push")
    expect(kinds("failover", otherImage, otherGuard)).not.toContain("image.ready")
    expect(recreates("failover", otherImage, otherGuard)).toEqual([false])
  })

  it("goes on to the new one in a failover, when its files are exchanged already", () => {
    expect(recreates("failover", otherImage)).toEqual([true])
  })
})

it("has the files of its own image installed by a failover, and by nothing else on the way", () => {
  const outdated = container("sig-1", "main-signer", { digest: "old" })
  expect(kinds("failover", outdated, otherGuard)[0]).toBe("files.push")
  expect(kinds("promote", outdated, otherGuard)).not.toContain("files.push")
  expect([kinds("promote", outdated), kinds("failover", outdated)].flat()).not.toContain("image.ready")
})
