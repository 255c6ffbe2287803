import { join } from "node:path"
import { describe, expect, it, vi } from "vitest"
import { plainReport } from "../../../src/cli/report.ts"
import { AppError, EXIT } from "../../../src/core/errors.ts"
import type { Event } from "../../../src/core/events.ts"
import { initialised } from "../../support/initialised.ts"
import { aged, type Change, container, host, hostAway, node, record, signerStopped, unparked } from "../../support/observed.ts"
import { aHost } from "../../support/paper-deployment.ts"
import { spoken } from "../../support/spoken-command.ts"
import { temporaryDir } from "../../support/temporary-dir.ts"
import { typedOnHosts } from "../../support/typed-on-hosts.ts"

// A deployment is made first, which a busy machine takes its time for.
vi.setConfig({ testTimeout: 60_000 })

/** For people: lines of 80 columns at most, and nothing that a pipe or NO_COLOR would have to be spared. */
function expectReadable(text: string): void {
  expect(text).not.toBe("")
  expect(text.split("\n").filter((line) => Array.from(line).length > 80)).toEqual([])
  expect(text).not.toContain("\u001b")
}

const edited = host("sen-1", ({ files }) => ({ files: new Map([...files, ["RUNBOOK.md", "edited"]]) }))
const WORLDS: readonly { readonly world: string; readonly changes: readonly Change[] }[] = [
  { world: "all is well", changes: [] },
  { world: "a signer is stopped", changes: [signerStopped] },
  { world: "hosts are away", changes: [hostAway("sen-2"), hostAway("val-2")] },
  { world: "a signer's host is away", changes: [hostAway("sig-1")] },
  {
    world: "nodes are old and unparked",
    changes: [aged("node-2", 500_000), unparked("node-2", "val-2"), node("sentry-1", { peerIds: [] })],
  },
  { world: "much was missed", changes: [record({ missedBlocks: 90 })] },
  {
    world: "containers differ",
    changes: [
      container("val-1", "node-1", { digest: "old" }),
      container("sen-2", "sentry-2", "gone"),
      container("sen-1", "sentry-1", {
        status: "exited",
        exitCode: 137,
        told: "Exited (137) 2 minutes ago, and this goes on for a long while",
      }),
      edited,
    ],
  },
]

describe.each(WORLDS)("where $world", ({ changes }) => {
  it.each([[["status"]], [["plan"]], [["ps"]], [["signer", "status"]], [["up", "--dry-run"]]])("%s is readable", async (argv) => {
    const { out, err, exit } = await typedOnHosts(argv, { changes })
    if (out !== "") expectReadable(out)
    else expect([exit, err]).toEqual([expect.any(Number), expect.stringContaining("error[")])
  })
})

it.each([[["doctor"]], [["doctor", "--matrix"]], [["doctor", "--list"]], [["ps"]], [["status"]]])(
  "%s of hosts that are away is readable",
  async (argv) => {
    const dir = temporaryDir()
    await initialised(dir)
    const away = () =>
      Promise.reject(new AppError("HOST_UNREACHABLE", EXIT.unreachable, "host cannot be reached: no route to it from here"))
    const access = aHost({ run: away, containers: away, rpc: away })
    const fleet = () => ({ host: () => access, close: async () => {} })
    expectReadable((await spoken([...argv, "--file", join(dir, "gonka-ha.yaml")], { fleet })).out)
  },
)

describe("progress", () => {
  const long = "the container's log says that it could not open its database, which another process holds, and it gives up"
  const step = { number: 103, of: 120, title: "a-host-with-a-long-name: bring up a-node-with-a-long-name" }
  const EVENTS: readonly Event[] = [
    { kind: "step-done", ...step, tookMs: 3_000_000, fact: long },
    { kind: "step-failed", ...step, tookMs: 3_000_000, reason: long },
    { kind: "step-skipped", title: step.title, reason: long },
    { kind: "waiting", what: step.title, now: long, sinceMs: 3_000_000 },
    { kind: "note", text: `${long}\n    fix: ${long}` },
  ]

  it.each(EVENTS)("of a $kind is readable", (event) => {
    let text = ""
    plainReport((piece) => {
      text += piece
    })(event)
    expectReadable(text)
  })

  it("of up is readable", async () => {
    const { err, exit } = await typedOnHosts(["up", "--yes"], {
      changes: [edited],
      pushFails: new AppError("REMOTE_COMMAND", EXIT.unreachable, long),
    })
    expect(exit).toBe(7)
    expectReadable(err.slice(0, err.indexOf("error[")))
  })
})
