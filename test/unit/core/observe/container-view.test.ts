import { describe, expect, it } from "vitest"
import { containersText } from "../../../../src/cli/show-ps.ts"
import { containersSchema } from "../../../../src/core/observe/container-report.ts"
import { containersView } from "../../../../src/core/observe/container-view.ts"
import type { Observed } from "../../../../src/core/observe/state.ts"
import { seen } from "../../../../src/core/observe/state.ts"
import {
  aTopology,
  type Change,
  changed,
  container,
  filesOf,
  healthy,
  host,
  hostAway,
  owner,
  seenContainer,
  signerStopped,
  unparked,
} from "../../../support/observed.ts"

const topology = aTopology()
const files = filesOf(topology)
/** Held against the schema that is shipped. */
const view = (...changes: readonly Change[]) =>
  containersSchema.parse(containersView(topology, files, changed(healthy(topology), ...changes).hosts))
const row = (service: string, ...changes: readonly Change[]) => view(...changes).containers.find((each) => each.service === service)

/** As the engine tells it. */
const told: Change = (observed: Observed) => ({
  ...observed,
  hosts: new Map(
    [...observed.hosts].map(([name, reading]) =>
      reading.kind === "unknown"
        ? [name, reading]
        : [
            name,
            seen({
              ...reading.value,
              containers: reading.value.containers.map((each) => ({
                ...each,
                exitCode: undefined,
                told: each.status === "running" ? "Up 3 hours (healthy)" : "Exited (137) 2 minutes ago",
              })),
            }),
          ],
    ),
  ),
})

it("shows every container of a deployment that is well", () => {
  const well = view(told)
  expect(well.exitCode).toBe(0)
  expect(containersText(well)).toBe(`  HOST          CONTAINER             ROLE      FILES    STATUS
✓ sen-1         sentry-1              sentry    current  running 3 hours
                                                         (healthy)
✓ sen-2         sentry-2              sentry    current  running 3 hours
                                                         (healthy)
✓ sig-1         main-signer           signer    current  running 3 hours
                                                         (healthy)
✓ val-1         node-1                private   current  running 3 hours
                                                         (healthy)
✓ val-1         node-1-parking        parking   current  waits, exited (137) 2
                                                         minutes ago
✓ val-2         node-2                private   current  running 3 hours
                                                         (healthy)
✓ val-2         node-2-parking        parking   current  running 3 hours
                                                         (healthy)
`)
})

describe("a container that is not as it should be", () => {
  it.each([
    { what: "stopped", service: "sentry-1", verdict: "stopped", change: container("sen-1", "sentry-1", { status: "exited" }) },
    { what: "restarting", service: "sentry-1", verdict: "stopped", change: container("sen-1", "sentry-1", { status: "restarting" }) },
    { what: "paused", service: "node-2", verdict: "stopped", change: container("val-2", "node-2", { status: "paused" }) },
    { what: "gone", service: "node-2", verdict: "missing", change: container("val-2", "node-2", "gone") },
    { what: "made of older files", service: "node-2", verdict: "outdated", change: container("val-2", "node-2", { digest: "older" }) },
    { what: "a signer that stands still", service: "main-signer", verdict: "stopped", change: signerStopped },
    {
      what: "a parking signer that should hold a port",
      service: "node-2-parking",
      verdict: "stopped",
      change: unparked("node-2", "val-2"),
    },
    {
      what: "an idle parking signer of older files",
      service: "node-1-parking",
      verdict: "stopped",
      change: container("val-1", "node-1-parking", { digest: "older" }),
    },
    {
      what: "one that the file does not have",
      service: "node-9",
      verdict: "stray",
      change: host("val-1", ({ containers }) => ({
        containers: [...containers, { ...seenContainer(topology, files, "val-1", "node-1"), id: "9", service: "node-9" }],
      })),
    },
  ])("is $verdict where it is $what, and the exit code is 4", ({ service, verdict, change }) => {
    expect(row(service, change)?.verdict).toBe(verdict)
    expect(view(change).exitCode).toBe(4)
  })

  it.each(["validator", "plain"])("is a parking signer only while the port is its own, and not the %s's", (word) => {
    expect(row("node-2-parking", unparked("node-2", "val-2"), owner("node-2", "val-2", word))?.verdict).toBe("waits")
  })

  it("tells its exit code and since when, and nothing that a terminal would obey", () => {
    const ended = container("sen-1", "sentry-1", { status: "exited", told: "Exited (1) 5 seconds ago\u001b[2J" })
    expect(row("sentry-1", ended)).toMatchObject({ exitCode: 1, duration: "5 seconds ago\\x1b[2J" })
  })
})

it("leaves out what belongs to another deployment on the same host", () => {
  const foreign = host("val-1", ({ containers }) => ({
    containers: [...containers, { ...seenContainer(topology, files, "val-1", "node-1"), id: "9", deployment: "other" }],
  }))
  expect(view(foreign)).toEqual(view())
})

describe("hosts that give no answer", () => {
  it("are named, and make the exit code 4", () => {
    const some = view(told, hostAway("val-2", "host val-2 cannot be reached: no route"))
    expect(some.exitCode).toBe(4)
    expect(some.unknownHosts).toEqual([{ host: "val-2", reason: "host val-2 cannot be reached: no route" }])
    expect(some.containers.some(({ host: on }) => on === "val-2")).toBe(false)
    expect(containersText(some)).toContain("? val-2         unknown\n    host val-2 cannot be reached: no route\n")
  })

  it("make it 9 where none does", () => {
    expect(view(...topology.hosts.map(({ name }) => hostAway(name))).exitCode).toBe(9)
  })
})

it("fits 80 columns", () => {
  const long = container("sen-1", "sentry-1", { status: "exited", told: `Exited (137) ${"very ".repeat(30)}long ago` })
  for (const line of containersText(view(long, hostAway("val-2", "why ".repeat(60)))).split("\n"))
    expect(line.length).toBeLessThanOrEqual(80)
})
