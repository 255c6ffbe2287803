import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it, vi } from "vitest"
import { type LogRequest, logSources, readLogs } from "../../../src/app/logs.ts"
import { AppError, EXIT } from "../../../src/core/errors.ts"
import type { LogLine } from "../../../src/core/logs/log-line.ts"
import type { Fleet } from "../../../src/core/ports.ts"
import { isRunning } from "../../support/is-running.ts"
import { aTopology } from "../../support/observed.ts"
import { aHost } from "../../support/paper-deployment.ts"
import { fullTopology } from "../../support/sample-topologies.ts"
import { standInDocker } from "../../support/stand-in-docker.ts"
import { temporaryDir } from "../../support/temporary-dir.ts"

vi.setConfig({ testTimeout: 60_000 })

const topology = aTopology()
const ALL: Omit<LogRequest, "nodes" | "signers" | "parkings"> = { follow: false, since: undefined, tail: undefined }
const sources = (...nodes: readonly string[]) => logSources(topology, { nodes, signers: [], parkings: [] })
const NEVER = new AbortController().signal

async function read(fleet: Fleet, from: ReturnType<typeof logSources>, request: Partial<typeof ALL> = {}) {
  const lines: LogLine[] = []
  const result = await readLogs({ fleet, signal: NEVER }, from, { ...ALL, ...request }, async (some) => {
    lines.push(...some)
    return true
  })
  return { ...result, lines: lines.map(({ source, text }) => `${source}: ${text}`) }
}

describe("whose logs", () => {
  it("are those of nodes, signers and parking signers, each once", () => {
    expect(logSources(topology, { nodes: ["node-1", "sentry-1", "node-1"], signers: ["main"], parkings: ["node-2"] })).toEqual([
      { source: "node-1", host: "val-1", container: "lab-node-1" },
      { source: "sentry-1", host: "sen-1", container: "lab-sentry-1" },
      { source: "main-signer", host: "sig-1", container: "lab-main-signer" },
      { source: "node-2-parking", host: "val-2", container: "lab-node-2-parking" },
    ])
  })

  it.each([
    { names: { nodes: ["node-7"] }, message: "there is no node node-7" },
    { names: { signers: ["mian"] }, message: "there is no validator mian" },
    { names: { parkings: ["sentry-1"] }, message: "sentry-1 is a candidate of no validator" },
  ])("$message", ({ names, message }) => {
    expect(() => logSources(topology, { nodes: [], signers: [], parkings: [], ...names })).toThrow(message)
  })

  it("are those of load balancers, by the names of their containers", () => {
    expect(logSources(fullTopology, { nodes: ["manager-balancer"], signers: [], parkings: [] })).toEqual([
      { source: "manager-balancer", host: "api-1", container: "base-manager-balancer" },
    ])
    expect(() => logSources(fullTopology, { nodes: ["manager"], signers: [], parkings: [] })).toThrow(
      expect.objectContaining({ message: "there is no node or load balancer manager", hint: expect.stringContaining("manager-balancer") }),
    )
  })

  it("is said with what was probably meant", () => {
    expect(() => sources("nod-1")).toThrow(expect.objectContaining({ exit: 64, hint: expect.stringContaining("did you mean node-1?") }))
  })
})

/** Prints what it was asked, and three lines of two outputs. */
const SPEAKS = `[ "$1" = inspect ] && exit 0
for last in "$@"; do :; done
echo "2026-11-23T12:00:0\${last##*-}.000000000Z $*"
echo "2026-11-23T12:00:04.000000000Z err of $last" >&2
echo "2026-11-23T12:00:05.000000000Z out of $last"`

describe("reading", () => {
  it("has both outputs of one log in the engine's order", async () => {
    const { lines, failures } = await read(standInDocker(SPEAKS), sources("node-1"), { since: "10m", tail: 5 })
    expect(lines).toEqual([
      "node-1: logs --timestamps --since 10m --tail 5 lab-node-1",
      "node-1: err of lab-node-1",
      "node-1: out of lab-node-1",
    ])
    expect(failures).toEqual([])
  })

  it("puts several logs in the order of their times", async () => {
    const { lines } = await read(standInDocker(SPEAKS), sources("node-2", "node-1"))
    expect(lines.slice(0, 2)).toEqual(["node-1: logs --timestamps lab-node-1", "node-2: logs --timestamps lab-node-2"])
    expect(lines.slice(2).map((line) => line.slice(8, 11))).toEqual(["err", "err", "out", "out"])
  })

  it("tells of a container that is not there, and of a host that is away, and shows the others", async () => {
    const docker = standInDocker(`for last in "$@"; do :; done
case $last in *sentry*) echo "Error: No such container: \u001b[2J$last" >&2; exit 1;; esac
${SPEAKS}`)
    const away = aHost({ stream: () => Promise.reject(new AppError("HOST_UNREACHABLE", EXIT.unreachable, "host val-2: no route")) })
    const fleet: Fleet = { ...docker, host: (name) => (name === "val-2" ? away : docker.host(name)) }
    for (const follow of [false, true]) {
      const { lines, failures } = await read(fleet, sources("sentry-1", "node-2", "node-1"), { follow })
      expect(lines).toHaveLength(3)
      expect([...failures].sort((one, other) => (one.source < other.source ? -1 : 1))).toEqual([
        { source: "node-2", host: "val-2", reason: "host val-2: no route", isUnreachable: true },
        { source: "sentry-1", host: "sen-1", reason: "Error: No such container: \\x1b[2Jlab-sentry-1", isUnreachable: false },
      ])
    }
  })

  it("cuts a line without an end, whatever the host writes", async () => {
    const docker = standInDocker('[ "$1" = inspect ] && exit 0\nprintf "2026-11-23T12:00:00.0Z "; head -c 5000000 /dev/zero | tr "\\\\0" x')
    const lines: LogLine[] = []
    await readLogs({ fleet: docker, signal: NEVER }, sources("node-1"), ALL, async (some) => {
      lines.push(...some)
      return true
    })
    expect(lines.map(({ text, lostChars }) => [text.length < 5000, lostChars + text.length])).toEqual([[true, 5_000_000]])
  })
})

/** Writes for ever, and leaves its number. */
const FLOODS = (dir: string) => `[ "$1" = inspect ] && exit 0
echo $$ > ${dir}/pid
exec yes "2026-11-23T12:00:00.000000000Z and so on and on and on and on and on and on and on and on and on and on"`

/** Writes one line and then nothing. */
const WAITS = (dir: string) => `[ "$1" = inspect ] && exit 0
echo $$ > ${dir}/pid
echo "2026-11-23T12:00:00.000000000Z one"
exec sleep 600`

describe("a log without an end", () => {
  it("is not read faster than it is taken, and ends when nobody takes more", async () => {
    for (const nodes of [["node-1"], ["node-1", "node-2"]]) {
      const dir = temporaryDir()
      const before = process.memoryUsage().rss
      let taken = 0
      await readLogs({ fleet: standInDocker(FLOODS(dir)), signal: NEVER }, sources(...nodes), ALL, async (lines) => {
        taken += lines.length
        await new Promise((resolve) => setTimeout(resolve, 20))
        return taken < 20_000
      })
      expect(taken).toBeGreaterThanOrEqual(20_000)
      // Without waiting, `yes` fills gigabytes in this time.
      expect(process.memoryUsage().rss - before).toBeLessThan(200e6)
      await eventuallyGone(dir)
    }
  })

  it("ends with the interruption, and leaves nothing behind on the host", async () => {
    const dir = temporaryDir()
    const interruption = new AbortController()
    const { wasInterrupted } = await readLogs(
      { fleet: standInDocker(WAITS(dir)), signal: interruption.signal },
      sources("node-1"),
      { ...ALL, follow: true },
      async () => {
        interruption.abort()
        return true
      },
    )
    expect(wasInterrupted).toBe(true)
    await eventuallyGone(dir)
  })
})

async function eventuallyGone(dir: string): Promise<void> {
  const pid = Number(readFileSync(join(dir, "pid"), "utf8"))
  await vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 10_000, interval: 50 })
}
