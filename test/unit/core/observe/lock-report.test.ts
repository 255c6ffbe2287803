import { expect, it } from "vitest"
import { locksText } from "../../../../src/cli/show-locks.ts"
import { locksSchema, locksView } from "../../../../src/core/observe/lock-report.ts"
import { type HostSeen, type Reading, seen, unknown } from "../../../../src/core/observe/state.ts"
import { aTopology, filesOf, seenHost, seenSignerFiles, theValidator } from "../../../support/observed.ts"

const topology = aTopology()
const host = (name: string, lock: Partial<HostSeen["lock"]> = {}): HostSeen => ({
  ...seenHost(topology, filesOf(topology), name, "node-1"),
  lock: { epoch: 3, heldBy: undefined, kept: undefined, ...lock },
})

const hosts = new Map<string, Reading<HostSeen>>([
  ["sen-1", seen(host("sen-1"))],
  ["sen-2", seen(host("sen-2", { heldBy: "anna@desk since 2026-11-23T12:00:00.000Z: gonka-ha up" }))],
  ["val-1", seen(host("val-1", { kept: "boris@office since 2026-11-23T11:00:00.000Z: new disk: the big one" }))],
  ["val-2", unknown("no route")],
  [
    "sig-1",
    seen({
      ...host("sig-1", { kept: "do not touch\u001b[2J" }),
      signers: new Map([
        ["main", seenSignerFiles(theValidator(topology), "node-1", { lockedBy: "anna@desk since noon: promote node-2", epoch: 9 })],
      ]),
    }),
  ],
])

it("tells of each lock whether it is free, held or kept, by whom, since when and why", () => {
  const view = locksView(topology, hosts)
  expect(view.hosts).toEqual([
    { host: "sen-1", state: "free", epoch: 3 },
    { host: "sen-2", state: "held", owner: "anna@desk", since: "2026-11-23T12:00:00.000Z", reason: "gonka-ha up", epoch: 3 },
    { host: "sig-1", state: "kept", reason: "do not touch\\x1b[2J", epoch: 3 },
    { host: "val-1", state: "kept", owner: "boris@office", since: "2026-11-23T11:00:00.000Z", reason: "new disk: the big one", epoch: 3 },
    { host: "val-2", state: "unknown", reason: "no route" },
  ])
  expect(view.signers).toEqual([{ validator: "main", host: "sig-1", state: "kept", reason: "do not touch\\x1b[2J", epoch: 9 }])
  expect(view.exitCode).toBe(9)
  expect(() => locksSchema.parse(view)).not.toThrow()
})

it("shows them in 80 columns", () => {
  const text = locksText(locksView(topology, hosts))
  expect(text).toMatchInlineSnapshot(`
    "  LOCK                  STATE    EPOCH  WHO, SINCE WHEN, WHAT FOR
    ✓ sen-1                 free     3
    ⚠ sen-2                 held     3      anna@desk since
                                            2026-11-23T12:00:00.000Z: gonka-ha up
    ✗ sig-1                 kept     3      do not touch\\x1b[2J
    ✗ val-1                 kept     3      boris@office since
                                            2026-11-23T11:00:00.000Z: new disk: the
                                            big one
    ? val-2                 unknown         no route
    ✗ signer of main on     kept     9      do not touch\\x1b[2J
      sig-1
    "
  `)
  for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80)
})

it("takes a signer whose host is not kept for what its own lock says", () => {
  const files = seenSignerFiles(theValidator(topology), "node-1", { lockedBy: "anna@desk since noon: promote node-2", epoch: 9 })
  const all = new Map(topology.hosts.map(({ name }) => [name, seen({ ...host(name), signers: new Map([["main", files]]) })] as const))
  const view = locksView(topology, all)
  expect(view.signers).toEqual([
    { validator: "main", host: "sig-1", state: "held", owner: "anna@desk", since: "noon", reason: "promote node-2", epoch: 9 },
  ])
  expect(view.exitCode).toBe(0)
})
