import { describe, expect, it } from "vitest"
import type { ContainerSeen, SignerFiles } from "../../../../src/core/observe/state.ts"
import { planDestroy } from "../../../../src/core/plan/destroy.ts"
import { leftovers } from "../../../../src/core/plan/strays.ts"
import { inside } from "../../../../src/core/render/layout.ts"
import {
  aProcess,
  aTopology,
  type Change,
  changed,
  filesOf,
  healthy,
  host,
  hostAway,
  seenContainer,
  signer,
} from "../../../support/observed.ts"

const topology = aTopology()

/** A container of this deployment that the file does not have. */
function left(on: string, service: string, role: string, changes: Partial<ContainerSeen> = {}): Change {
  const pattern = seenContainer(topology, filesOf(topology), "val-1", "node-1")
  const extra = { ...pattern, id: `id-${service}`, name: `lab-${service}`, service, role, ...changes }
  return host(on, ({ containers }) => ({ containers: [extra, ...containers] }))
}

const NODE_3 = [left("val-2", "node-3-parking", "parking"), left("val-2", "node-3", "private")]
const plan = (name: string, ...changes: readonly Change[]) => planDestroy(topology, changed(healthy(topology), ...changes), name)

function refusals(name: string, ...changes: readonly Change[]): readonly string[] {
  const planned = plan(name, ...changes)
  return "refused" in planned ? planned.refused.map(({ path, message }) => `${path} ${message}`) : []
}

it("removes the container of a node, and then that of its parking signer", () => {
  expect(plan("node-3", ...NODE_3)).toEqual({
    node: "node-3",
    parts: [
      {
        host: "val-2",
        containers: [
          { id: "id-node-3", name: "lab-node-3", status: "running" },
          { id: "id-node-3-parking", name: "lab-node-3-parking", status: "running" },
        ],
      },
    ],
  })
})

it("finds what is left on several hosts", () => {
  const planned = plan("sentry-9", left("sen-1", "sentry-9", "sentry"), left("sen-2", "sentry-9", "sentry", { status: "exited" }))
  expect(planned).toMatchObject({ parts: [{ host: "sen-1" }, { host: "sen-2" }] })
})

describe("refuses", () => {
  it("a node that is in the file", () => {
    expect(refusals("node-2")).toEqual(["node-2 is in the topology file"])
  })

  it("the parking signer of a node that is in the file, and signers, by whatever name", () => {
    for (const name of ["node-1-parking", "main-signer", "main"])
      expect(refusals(name)).toEqual([`${name} no container of it is on any host of the file`])
  })

  it("another deployment's node", () => {
    expect(refusals("node-3", left("val-2", "node-3", "private", { deployment: "other" }))).toHaveLength(1)
  })

  it("a node whose port belongs to a validator's signer", () => {
    const owned = host("val-2", ({ owners }) => ({ owners: new Map([...owners, ["node-3", "validator"]]) }))
    expect(refusals("node-3", ...NODE_3, owned)).toEqual(["node-3 its privval port on val-2 belongs to a validator's signer"])
  })

  it.each<[string, Partial<SignerFiles>, string]>([
    ["a node at which a signer is aimed", { aim: "node-3" }, "node-3 the signer of main on sig-1 is aimed at it"],
    [
      "a node that a move has begun from",
      { operation: { id: "op", kind: "promote", from: "node-3", to: "node-1", by: "anna@desk", since: "now", startHeight: 1 } },
      "node-3 promote to node-1 is not finished",
    ],
  ])("%s", (_, files, reason) => {
    expect(refusals("node-3", ...NODE_3, signer(files))).toEqual([reason])
  })

  it("a node that a process was started for, or that one is connected to, on whatever host", () => {
    const started = host("sen-1", ({ tmkms }) => ({ tmkms: [...tmkms, aProcess({ config: `${inside.config}/tmkms-node-3.toml` })] }))
    expect(refusals("node-3", ...NODE_3, started)).toEqual(["node-3 tmkms process 77 on sen-1 dials it"])
    const port = host("val-2", () => ({ privvalPorts: new Map([["node-3", 26660]]) }))
    const connected = host("sig-1", ({ tmkms }) => ({ tmkms: [...tmkms, aProcess({ connections: ["10.0.0.22:26660"] })] }))
    expect(refusals("node-3", ...NODE_3, port, connected)).toEqual(["node-3 tmkms process 77 on sig-1 dials it"])
  })

  it("anything while a signer's host cannot be asked where its signer is aimed", () => {
    expect(refusals("node-3", ...NODE_3, hostAway("sig-1"))).toEqual([
      expect.stringContaining("sig-1 cannot be asked whether the signer of main is aimed at it"),
    ])
  })

  it("what is nowhere, and says what to do by hand where its host has left the file, too", () => {
    const planned = plan("node-3", hostAway("sen-1"))
    expect(planned).toMatchObject({
      refused: [
        {
          message: "no container of it is on any host of the file; sen-1 could not be asked",
          fix: expect.stringContaining("docker stop lab-node-3 && docker rm lab-node-3"),
        },
      ],
    })
  })
})

it("is what up names for the containers of a node that left the file, and not for others", () => {
  const gone = (change: Change) => leftovers(topology, changed(healthy(topology), change)).map(({ fix }) => fix)
  for (const change of NODE_3) expect(gone(change)).toEqual([expect.stringContaining("`gonka-ha destroy node-3`")])
  expect(gone(left("val-2", "node-1", "private"))).toEqual([expect.stringContaining("ssh val-2 docker rm -f lab-node-1")])
  expect(gone(left("val-2", "api-1", "api"))).toEqual([expect.stringContaining("ssh val-2 docker rm -f lab-api-1")])
})
