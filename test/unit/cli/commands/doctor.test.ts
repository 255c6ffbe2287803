import { join } from "node:path"
import { Ajv2020 } from "ajv/dist/2020.js"
import { expect, it, vi } from "vitest"
import { answerSchemaTexts } from "../../../../dev/answer-schemas.ts"
import { CHECKS } from "../../../../src/core/doctor/catalogue.ts"
import { AppError, EXIT } from "../../../../src/core/errors.ts"
import type { Fleet, HostAccess } from "../../../../src/core/ports.ts"
import { initialised, KNOWN_SETTINGS } from "../../../support/initialised.ts"
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

async function deployment(pin = ""): Promise<string> {
  const dir = temporaryDir()
  await initialised(dir, {
    settings: KNOWN_SETTINGS.map((setting) => (setting.startsWith("images.") ? setting.replace(":1", pin || ":1") : setting)),
  })
  return join(dir, "gonka-ha.yaml")
}

it("names all checks without a topology file", async () => {
  const { exit, out } = await spoken(["doctor", "--list"])
  expect(exit).toBe(0)
  expect(out).toContain(`${CHECKS.length} checks`)
  const json = JSON.parse((await spoken(["doctor", "--list", "--json"])).out)
  expect(json).toMatchObject({ schema: "gonka-ha/doctor-checks/v1", exitCode: 0 })
  expect(json.data.checks.map(({ id }: { id: string }) => id)).toEqual(CHECKS.map(({ id }) => id))
})

it("says of hosts that nobody reaches that they are not reached, with exit code 5", async () => {
  const file = await deployment()
  const { exit, out } = await spoken(["doctor", "-f", file], { fleet: away })
  expect(exit).toBe(5)
  expect(out).toContain("✗ bad      host.reached: Every host answers over SSH.")
  expect(out).toMatch(new RegExp(`\\n${CHECKS.length} checks: \\d+ ok`))
})

it("runs the checks that are named, and ends with 4 where something is not known", async () => {
  const file = await deployment()
  const { exit, out } = await spoken(["doctor", "host.disk", "record.receipts", "-f", file, "--json"], { fleet: away })
  expect(exit).toBe(4)
  const { schema, exitCode, data } = JSON.parse(out)
  expect([schema, exitCode]).toEqual(["gonka-ha/doctor/v1", 4])
  expect(data.checks.map(({ id, verdict }: { id: string; verdict: string }) => [id, verdict])).toEqual([
    ["host.disk", "unknown"],
    ["record.receipts", "unknown"],
  ])
  expect(data.count).toEqual({ checks: 2, ok: 0, warn: 0, bad: 0, unknown: 2 })
})

it("ends with 0 where nothing is wrong, and guesses at a name before it looks at anything", async () => {
  const pinned = async (pin?: string) =>
    (await spoken(["doctor", "container.images-pinned", "-f", await deployment(pin)], { fleet: away })).exit
  expect(await pinned(`@sha256:${"1".repeat(64)}`)).toBe(0)
  expect(await pinned()).toBe(4)
  expect(await spoken(["doctor", "host.dsik"])).toMatchObject({ exit: 64, err: expect.stringContaining("did you mean host.disk?") })
})

it.each([
  ["doctor", []],
  ["doctor-checks", ["--list"]],
])("answers as schema/%s.schema.json has it", async (name, options) => {
  const { out } = await spoken(["doctor", ...options, "-f", await deployment(), "--json"], { fleet: away })
  const accepts = new Ajv2020({ allErrors: true }).compile(JSON.parse(answerSchemaTexts().get(`${name}.schema.json`) ?? ""))
  accepts(JSON.parse(out))
  expect(accepts.errors).toBeNull()
})
