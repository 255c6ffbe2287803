import { expect, it } from "vitest"
import { needsLock, segments } from "../../../../src/core/plan/needs-lock.ts"
import { planPromote } from "../../../../src/core/plan/promote.ts"
import { planUp } from "../../../../src/core/plan/up.ts"
import { aTopology, bare, changed, filesOf, healthy, secretsOf, signerStopped, theValidator } from "../../../support/observed.ts"

const topology = aTopology()
const files = filesOf(topology)

it.each([
  { name: "bare hosts", observed: bare(topology) },
  { name: "a stopped signer", observed: changed(healthy(topology), signerStopped) },
])("keeps everything between the standby's detachment and our signatures under one lock, on $name", ({ observed }) => {
  const plan = planUp(topology, files, secretsOf(topology), observed)
  if ("refused" in plan) throw new Error("refused")
  const parts = segments(plan.steps)
  expect(parts.flatMap((part) => part.steps)).toEqual(plan.steps)
  for (const part of parts) expect(part.steps.every((step) => needsLock(step) === part.locked)).toBe(true)
  const home = (kind: string) => parts.findIndex((part) => part.steps.some((step) => step.kind === kind))
  expect(home("signer.move")).toBeGreaterThanOrEqual(0)
  for (const kind of ["standby.detach", "chain.signing"]) expect(home(kind)).toBe(home("signer.move"))
})

it("counts every step of a planned move as one that needs the lock", () => {
  const steps = planPromote(topology, files, healthy(topology), theValidator(topology), "node-2", "node-1")
  expect(segments(steps)).toEqual([{ locked: true, steps }])
})
