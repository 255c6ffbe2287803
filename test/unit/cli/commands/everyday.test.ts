import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { AppError, EXIT } from "../../../../src/core/errors.ts"
import type { Fleet, HostAccess } from "../../../../src/core/ports.ts"
import { initialised } from "../../../support/initialised.ts"
import { aHost } from "../../../support/paper-deployment.ts"
import { spoken } from "../../../support/spoken-command.ts"
import { standInDocker } from "../../../support/stand-in-docker.ts"

// A deployment is made first, which a busy machine takes its time for.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let dir: string
let file: string
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "gonka-ha-unit-"))
  await initialised(dir)
  file = join(dir, "gonka-ha.yaml")
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const fleetOf = (access: Partial<HostAccess>) => (): Fleet => ({ host: () => aHost(access), close: async () => {} })
const unreachable = () => Promise.reject(new AppError("HOST_UNREACHABLE", EXIT.unreachable, "host cannot be reached: no route"))
const AWAY = fleetOf({
  run: unreachable,
  containers: unreachable,
  rpc: unreachable,
  stream: unreachable,
  attach: unreachable,
  inspect: unreachable,
})

/** Our options before `--`. */
function said(argv: readonly string[], fleet: () => Fleet = AWAY) {
  const dashes = argv.indexOf("--")
  const at = dashes < 0 ? argv.length : dashes
  return spoken([...argv.slice(0, at), "--file", file, ...argv.slice(at)], { fleet })
}

const SPEAKS = `[ "$1" = inspect ] && exit 0
for last in "$@"; do :; done
printf '2026-11-23T12:00:00.1Z \\033[32mone\\033[0m \\033[2J %s\\n' "$*"`

describe("logs", () => {
  it("prints one log as it is, without anything that a terminal would obey", async () => {
    const { exit, out, err } = await said(["logs", "node-1"], () => standInDocker(SPEAKS))
    expect([exit, err]).toEqual([0, ""])
    expect(out).toMatch(/^one \\x1b\[2J logs --timestamps --tail 100 \S+-node-1\n$/)
  })

  it("puts the name before each line where there are several", async () => {
    const { out } = await said(["logs", "node-1", "sentry-1", "--signer", "main", "-f", "--since", "10m"], () => standInDocker(SPEAKS))
    expect(out.split("\n").sort().slice(1)).toEqual([
      expect.stringMatching(/^main-signer \| one .*--follow --since 10m \S+-main-signer$/),
      expect.stringMatching(/^node-1 {6}\| one .*-node-1$/),
      expect.stringMatching(/^sentry-1 {4}\| one .*-sentry-1$/),
    ])
  })

  it("gives programs one object on each line", async () => {
    const { out } = await said(["logs", "node-1", "--tail", "all", "--json"], () => standInDocker(SPEAKS))
    expect(JSON.parse(out)).toEqual({
      schema: "gonka-ha/log-line/v1",
      source: "node-1",
      time: "2026-11-23T12:00:00.1Z",
      text: expect.stringMatching(/^one \\x1b\[2J logs --timestamps \S+-node-1$/),
      lostChars: 0,
    })
  })

  it("says by its exit code and on stderr that a host is away, or a container is not there", async () => {
    const away = await said(["logs", "node-1", "--parking", "node-2"])
    expect([away.exit, away.out]).toEqual([9, ""])
    expect(away.err).toContain("✗ node-1: its log on val-1 could not be read: host cannot be reached: no route\n")
    expect(away.err).toContain("✗ node-2-parking: its log on val-2")
    const gone = await said(["logs", "node-1"], () => standInDocker("echo no such container >&2; exit 1"))
    expect(gone).toMatchObject({ exit: 4, out: "", err: "✗ node-1: its log on val-1 could not be read: no such container\n" })
  })

  it.each([
    { argv: ["logs"], err: "say whose logs" },
    { argv: ["logs", "node-1", "--since", "yesterday"], err: "It is a length of time such as" },
    { argv: ["logs", "node-1", "--since", "--tail=1"], err: "It is a length of time such as" },
    { argv: ["logs", "node-1", "--tail", "-1"], err: "It is a number of lines, or all" },
    { argv: ["logs", "nod-1"], err: "did you mean node-1?" },
  ])("$argv is a mistake", async ({ argv, err }) => {
    const result = await said(argv)
    expect([result.exit, result.out]).toEqual([64, ""])
    expect(result.err).toContain(err)
  })
})

describe("exec", () => {
  const docker = () => standInDocker('shift 2; exec "$@"')

  it("gives programs both outputs byte for byte, and ends with the command's exit code", async () => {
    const result = await said(["exec", "node-1", "--", "sh", "-c", "printf 'a\\033[2Jb'; echo oops >&2; exit 42"], docker)
    expect(result).toEqual({ exit: 42, out: "a\u001b[2Jb", err: "oops\n" })
  })

  it("is refused for a signer: exit 6", async () => {
    const result = await said(["exec", "main-signer", "--", "cat", "/gonka-ha/secrets/consensus.key"], docker)
    expect([result.exit, result.out]).toEqual([6, ""])
    expect(result.err).toContain("main-signer is a signer")
  })

  it("wants a command, and a terminal where it is to be interactive", async () => {
    expect(await said(["exec", "node-1"], docker)).toMatchObject({ exit: 64, err: expect.stringContaining("missing required argument") })
    expect(await said(["exec", "-i", "node-1", "--", "sh"], docker)).toMatchObject({
      exit: 64,
      err: expect.stringContaining("needs a terminal"),
    })
  })

  it("says that a host is away: exit 9", async () => {
    expect(await said(["exec", "node-1", "--", "ls"])).toMatchObject({ exit: 9, out: "" })
  })
})

describe("ssh", () => {
  it("hands over the command and gives its exit code", async () => {
    const ran: unknown[] = []
    const attach = async (argv: readonly string[], tty: boolean) => {
      ran.push({ argv, tty })
      return 3
    }
    expect((await said(["ssh", "val-1", "--", "uptime", "-p"], fleetOf({ attach }))).exit).toBe(3)
    expect((await said(["ssh", "val-1"], fleetOf({ attach }))).exit).toBe(3)
    expect(ran).toEqual([
      { argv: ["uptime", "-p"], tty: false },
      { argv: [], tty: false },
    ])
  })

  it("knows the hosts", async () => {
    expect(await said(["ssh", "val-7"])).toMatchObject({ exit: 64, err: expect.stringContaining("there is no host val-7") })
    expect((await said(["ssh", "val-1"])).exit).toBe(9)
  })
})

describe("ps", () => {
  it("names the hosts that are away, and says so by its exit code", async () => {
    const { exit, out } = await said(["ps"])
    expect(exit).toBe(9)
    for (const host of ["sen-1", "sen-2", "val-1", "val-2", "sig-1"]) expect(out).toContain(`? ${host}`)
  })

  it("tells programs what is missing on hosts that have nothing", async () => {
    const bare = fleetOf({ run: async () => ({ code: 0, stdout: "end\n", stderr: "" }), containers: async () => [] })
    const { exit, out } = await said(["ps", "--json"], bare)
    expect([exit, JSON.parse(out)]).toMatchObject([
      4,
      {
        schema: "gonka-ha/ps/v1",
        exitCode: 4,
        data: {
          unknownHosts: [],
          containers: [{ host: "sen-1", service: "sentry-1", verdict: "missing" }, ...Array(6).fill({ verdict: "missing" })],
        },
      },
    ])
  })
})

describe("resync", () => {
  it("says that a host is away, and that there is no such node, whichever of the two", async () => {
    expect(await said(["resync", "node-2", "--yes"])).toMatchObject({ exit: 9, out: "" })
    expect(await said(["resync", "node-9", "--yes"])).toMatchObject({ exit: 64, out: "" })
    expect(await said(["resync", "node-2", "--from", "node-9", "--dry-run"])).toMatchObject({ exit: 64, out: "" })
  })
})

describe("restart", () => {
  it("says that a host is away, and that there is no such node", async () => {
    expect(await said(["restart", "node-1", "--yes"])).toMatchObject({ exit: 9, out: "" })
    expect(await said(["restart", "node-9", "--yes"])).toMatchObject({ exit: 64, out: "" })
  })
})
