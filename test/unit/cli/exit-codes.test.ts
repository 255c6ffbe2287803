import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it, vi } from "vitest"
import { AppError, EXIT } from "../../../src/core/errors.ts"
import { initialised } from "../../support/initialised.ts"
import { host, hostAway, signer, signerStopped } from "../../support/observed.ts"
import { spoken } from "../../support/spoken-command.ts"
import { temporaryDir } from "../../support/temporary-dir.ts"
import { typedOnHosts } from "../../support/typed-on-hosts.ts"

// A deployment is made first, which a busy machine takes its time for.
vi.setConfig({ testTimeout: 60_000 })

const edited = host("sen-1", ({ files }) => ({ files: new Map([...files, ["RUNBOOK.md", "edited"]]) }))

type Reached = { readonly exit: number; readonly out: string; readonly err: string }

async function withSpec(text: string, ...argv: readonly string[]): Promise<Reached> {
  const file = join(temporaryDir(), "gonka-ha.yaml")
  writeFileSync(file, text)
  return spoken([...argv, "--file", file])
}

async function stale(): Promise<Reached> {
  const dir = temporaryDir()
  await initialised(dir)
  return spoken(["render", "--check", "--file", join(dir, "gonka-ha.yaml")])
}

/** A way to each code that has a meaning, from what is typed; what it says with it. */
const WAYS: Readonly<
  Record<keyof typeof EXIT, readonly { readonly how: string; readonly says: string; readonly run: () => Promise<Reached> }[]>
> = {
  ok: [
    { how: "up with nothing to do", says: "nothing to do", run: () => typedOnHosts(["up", "--yes"]) },
    { how: "up that does something", says: "up: done, 1 steps", run: () => typedOnHosts(["up", "--yes"], { changes: [edited] }) },
    { how: "status where all is well", says: "✓ main: active at node-1", run: () => typedOnHosts(["status"]) },
  ],
  bug: [
    {
      how: "what nobody expected",
      says: "error[BUG]: TypeError: x is not a function",
      run: () =>
        typedOnHosts(["status"], {
          before: () => {
            throw new TypeError("x is not a function")
          },
        }),
    },
  ],
  changes: [
    { how: "plan with changes", says: "1 to change on 1 host", run: () => typedOnHosts(["plan"], { changes: [edited] }) },
    { how: "up --dry-run with changes", says: "install 1 file", run: () => typedOnHosts(["up", "--dry-run"], { changes: [edited] }) },
    { how: "render --check with changes", says: "", run: stale },
  ],
  specInvalid: [
    { how: "validate", says: "GHA-001", run: () => withSpec("hosts: [a, b\nname: }{", "validate") },
    { how: "up", says: "error[SPEC_INVALID]", run: () => withSpec("apiVersion: gonka-ha/v1\n", "up", "--yes") },
  ],
  degraded: [{ how: "status with a host away", says: "sen-2: ", run: () => typedOnHosts(["status"], { changes: [hostAway("sen-2")] }) }],
  critical: [
    { how: "status with a stopped signer", says: "main does not sign", run: () => typedOnHosts(["status"], { changes: [signerStopped] }) },
    {
      how: "signer status with a stopped signer",
      says: "main",
      run: () => typedOnHosts(["signer", "status"], { changes: [signerStopped] }),
    },
  ],
  refused: [
    { how: "plan", says: "error[REFUSED]", run: () => typedOnHosts(["plan"], { changes: [signer({ aim: "sentry-1" })] }) },
    { how: "restart of the active node", says: "error[REFUSED]", run: () => typedOnHosts(["restart", "node-1", "--yes"]) },
    { how: "resync of the active node", says: "signs through node-1", run: () => typedOnHosts(["resync", "node-1", "--yes"]) },
    { how: "exec in a signer", says: "is a signer", run: () => typedOnHosts(["exec", "main-signer", "--", "id"]) },
  ],
  halfWay: [
    {
      how: "up, of which a step fails",
      says: "the disk is full",
      run: () =>
        typedOnHosts(["up", "--yes"], {
          changes: [edited],
          pushFails: new AppError("REMOTE_COMMAND", EXIT.unreachable, "the disk is full"),
        }),
    },
  ],
  lockHeld: [
    {
      how: "down while another operation is under way",
      says: "boris@office",
      run: () => typedOnHosts(["down", "--name", "lab"], { lock: "held" }),
    },
    {
      how: "restart while another operation is under way",
      says: "boris@office",
      run: () => typedOnHosts(["restart", "node-2", "--yes"], { lock: "held" }),
    },
  ],
  unreachable: [
    { how: "plan with a host away", says: "sen-2", run: () => typedOnHosts(["plan"], { changes: [hostAway("sen-2")] }) },
    { how: "up with a host away", says: "sen-2", run: () => typedOnHosts(["up", "--yes"], { changes: [hostAway("sen-2")] }) },
  ],
  cancelled: [
    { how: "no at up", says: "nothing was changed", run: () => typedOnHosts(["up"], { changes: [edited], answer: "no" }) },
    { how: "no at down", says: "nothing was changed", run: () => typedOnHosts(["down"], { answer: "no" }) },
    { how: "no at resync", says: "nothing was changed", run: () => typedOnHosts(["resync", "sentry-1"], { answer: "no" }) },
    { how: "no at restart", says: "nothing was changed", run: () => typedOnHosts(["restart", "sentry-1"], { answer: "no" }) },
  ],
  usage: [
    { how: "no such option", says: "unknown option", run: () => typedOnHosts(["status", "--frob"]) },
    { how: "nobody to ask", says: "--yes", run: () => typedOnHosts(["up"], { changes: [edited] }) },
    { how: "no such node", says: "there is no node", run: () => typedOnHosts(["restart", "node-9", "--yes"]) },
    { how: "no such file", says: "gonka-ha init", run: () => spoken(["status", "--file", join(temporaryDir(), "none.yaml")]) },
  ],
  interrupted: [
    {
      how: "Ctrl-C before the first step of a restart",
      says: "error[INTERRUPTED]",
      run: () => typedOnHosts(["restart", "sentry-1", "--yes"], { before: (paper) => paper.interrupt() }),
    },
  ],
}

const ways = Object.entries(WAYS).flatMap(([name, list]) => list.map((way) => ({ ...way, name, code: EXIT[name as keyof typeof EXIT] })))

it.each(ways)("$code ($name): $how", async ({ code, says, run }) => {
  const { exit, out, err } = await run()
  expect([exit, out + err]).toEqual([code, expect.stringContaining(says)])
})
