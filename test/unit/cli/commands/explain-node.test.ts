import { join } from "node:path"
import { expect, it, vi } from "vitest"
import { AppError, EXIT } from "../../../../src/core/errors.ts"
import type { Fleet, HostAccess } from "../../../../src/core/ports.ts"
import { initialised } from "../../../support/initialised.ts"
import { aHost } from "../../../support/paper-deployment.ts"
import { spoken } from "../../../support/spoken-command.ts"
import { temporaryDir } from "../../../support/temporary-dir.ts"

// A deployment is made first, which a busy machine takes its time for.
vi.setConfig({ testTimeout: 60_000 })

/** Hosts that nobody can reach. */
function away(): Fleet {
  const unreachable = () => Promise.reject(new AppError("HOST_UNREACHABLE", EXIT.unreachable, "no route"))
  const host: HostAccess = aHost({ run: unreachable, containers: unreachable, rpc: unreachable })
  return { host: () => host, close: async () => {} }
}

it("explains a node of the topology file, with every reason at once, and answers scripts by its exit code", async () => {
  const dir = temporaryDir()
  await initialised(dir)
  const file = join(dir, "gonka-ha.yaml")
  const explain = (...argv: readonly string[]) => spoken(["explain", ...argv, "-f", file], { fleet: away })

  const { exit, out } = await explain("node-2")
  expect(exit).toBe(6)
  for (const reason of ["the signer's host sig-1 cannot be asked", "node-2: its host cannot be asked", "chain: no node answers"])
    expect(out).toContain(reason)
  expect(out.match(/^ +fix: /gm)?.length).toBe(out.match(/^ +[✗⚠] /gm)?.length)

  const json = await explain("node-2", "--json")
  expect([json.exit, JSON.parse(json.out)]).toMatchObject([
    6,
    { schema: "gonka-ha/explain-node/v1", exitCode: 6, data: { node: "node-2", validators: [{ verdict: "refused" }] } },
  ])

  const wrong = await explain("node-7")
  expect([wrong.exit, wrong.out]).toEqual([64, ""])
  expect(wrong.err).toContain("there is no rule and no node node-7")

  const rule = await explain("305")
  expect([rule.exit, rule.out.slice(0, 16)]).toEqual([0, "GHA-305 warning:"])
})
