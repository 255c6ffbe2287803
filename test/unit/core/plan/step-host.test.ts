import { expect, it } from "vitest"
import type { Step } from "../../../../src/core/plan/step.ts"
import { stepHost } from "../../../../src/core/plan/step-host.ts"
import { aTopology } from "../../../support/observed.ts"

const cause = "because"

it.each<{ readonly step: Step; readonly host: string | undefined }>([
  { step: { kind: "files.push", cause, args: { host: "sen-2", paths: [] } }, host: "sen-2" },
  { step: { kind: "node.fresh", cause, args: { node: "node-2" } }, host: "val-2" },
  { step: { kind: "standby.detach", cause, args: { node: "node-2", validator: "main", timing: "in-gap" } }, host: "val-2" },
  { step: { kind: "signer.init", cause, args: { validator: "main", node: "node-1" } }, host: "sig-1" },
  {
    step: { kind: "signer.move", cause, args: { validator: "main", from: "node-1", to: "node-2", timing: "in-gap", recreate: false } },
    host: "sig-1",
  },
  { step: { kind: "signer.fence", cause, args: { validator: "main", host: "sig-0", method: "power-off" } }, host: "sig-0" },
  { step: { kind: "chain.signing", cause, args: { validator: "main", node: "node-1", blocks: 2 } }, host: "val-1" },
  { step: { kind: "chain.silent", cause, args: { validator: "main", tip: 1, blocks: 2 } }, host: "sig-1" },
  { step: { kind: "node.fresh", cause, args: { node: "nobody" } }, host: undefined },
])("$step.kind is on $host", ({ step, host }) => {
  expect(stepHost(aTopology(), step)).toBe(host)
})
