import { describe, expect, it } from "vitest"
import { move } from "../../../src/app/move.ts"
import { abort, resume } from "../../../src/app/resume.ts"
import type { HostAccess } from "../../../src/core/ports.ts"
import { aTopology, type Change, changed, healthy, host, signer } from "../../support/observed.ts"
import { aDeployment, type PaperDeployment } from "../../support/paper-deployment.ts"
import { speakingHosts } from "../../support/speaking-hosts.ts"

const topology = aTopology()
const KEPT = "boris@office since 2026-11-23T11:00:00.000Z: new disk"
const kept = (name: string): Change => host(name, ({ lock }) => ({ lock: { ...lock, kept: KEPT } }))

/** Hosts as they are seen, until the clock is at `thenMs`, and from then on. */
function site(
  changes: readonly Change[],
  later: { readonly thenMs: number; readonly changes: readonly Change[] } = { thenMs: 0, changes },
) {
  let deployment: PaperDeployment
  const clock = () => deployment.clock
  const [before, after] = [changes, later.changes].map((each) => speakingHosts(topology, changed(healthy(topology), ...each), clock))
  const hosts = Object.fromEntries(
    topology.hosts.map(({ name }): [string, HostAccess] => {
      const now = () => (clock().monoMs() < later.thenMs ? before : after)?.[name]
      const access = before?.[name]
      if (!access) throw new Error(`no host ${name}`)
      return [
        name,
        {
          ...access,
          run: async (argv, options) => now()?.run(argv, options) ?? access.run(argv, options),
        },
      ]
    }),
  )
  deployment = aDeployment(hosts, { topology })
  return deployment
}

const ASKED = new Error("it was asked whether to go on")
const promote = (deployment: PaperDeployment, lockWaitMs?: number, verb: "promote" | "failover" = "promote") =>
  move(
    lockWaitMs === undefined ? deployment : { ...deployment, lockWaitMs },
    { verb, to: "node-2", validator: undefined, when: { kind: "gap" } },
    { dryRun: false },
    () => Promise.reject(ASKED),
  )

describe("a move respects a kept lock", () => {
  it.each(["val-2", "val-1", "sig-1"])("on %s, which it would change: exit 8, before anything is asked", async (name) => {
    await expect(promote(site([kept(name)]))).rejects.toMatchObject({
      code: "LOCK_HELD",
      exit: 8,
      message: `${name} is kept locked by ${KEPT}`,
      hint: expect.stringContaining(`gonka-ha lock release --host ${name}`),
    })
  })

  it("also as a failover", async () => {
    await expect(promote(site([kept("val-2")]), undefined, "failover")).rejects.toMatchObject({ code: "LOCK_HELD", exit: 8 })
  })

  it("and not one of a host with which it has nothing to do", async () => {
    await expect(promote(site([kept("sen-1")]))).rejects.toBe(ASKED)
  })
})

describe("while somebody is at work on the signer", () => {
  const locked = signer({ lockedBy: "boris@office since 2026-11-23T11:00:00.000Z: promote node-1" })

  it("a move is refused: exit 8", async () => {
    await expect(promote(site([locked]))).rejects.toMatchObject({
      code: "LOCK_HELD",
      exit: 8,
      message: expect.stringContaining("boris@office"),
    })
  })

  it("a move with --lock-wait waits, and looks when they are done", async () => {
    const deployment = site([locked], { thenMs: 4000, changes: [] })
    await expect(promote(deployment, 60_000)).rejects.toBe(ASKED)
    expect(deployment.events).toContainEqual(
      expect.objectContaining({ kind: "waiting", what: "the lock: the signer of main", now: expect.stringContaining("boris@office") }),
    )
  })

  it("a move with --lock-wait is refused when the time is over: exit 8", async () => {
    await expect(promote(site([locked]), 3000)).rejects.toMatchObject({ code: "LOCK_HELD", exit: 8 })
  })
})

it.each([
  ["resume", resume],
  ["abort", abort],
] as const)("%s respects a kept lock of a node's host", async (_, end) => {
  const operation = {
    id: "op",
    kind: "promote",
    from: "node-1",
    to: "node-2",
    by: "anna@desk",
    since: "2026-11-23T11:59:00.000Z",
    startHeight: 900,
  } as const
  const deployment = site([signer({ operation }), kept("val-2")])
  const released: string[] = []
  const sig = deployment.fleet.host("sig-1")
  const fleet = {
    close: async () => {},
    host: (name: string): HostAccess =>
      name !== "sig-1"
        ? deployment.fleet.host(name)
        : {
            ...sig,
            run: async (argv, options) => (argv[3] === "next-epoch" ? { code: 0, stdout: "4\n", stderr: "" } : sig.run(argv, options)),
            hold: async () => ({ lost: new Promise<string>(() => {}), release: async () => void released.push("unlock") }),
          },
  }
  await expect(end({ ...deployment, fleet }, "main")).rejects.toMatchObject({ code: "LOCK_HELD", exit: 8 })
  expect(released).toEqual(["unlock"])
})
