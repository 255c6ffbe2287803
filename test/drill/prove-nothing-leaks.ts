import { expect } from "vitest"
import { containersOn } from "./host-facts.ts"
import { secretsOf, textsBelow } from "./secrets-of.ts"
import { HA2_HOSTS, type Site } from "./site.ts"

/** Four node keys, two parking keys with their identities, the consensus key with its identity. */
const SECRETS_OF_HA2 = 10
const WRITTEN = ["rendered", ".gonka-ha/journal", ".gonka-ha/receipts"]

/** No private value in anything that was said, written or shown by an engine; no escape code in what was said into a pipe. */
export async function proveNothingLeaks({ operator, lab }: Site): Promise<void> {
  const secrets = await secretsOf(operator)
  expect(secrets.length).toBeGreaterThanOrEqual(SECRETS_OF_HA2)
  const said = operator.heard.map(({ args, answer }) => ({ path: `gonka-ha ${args[0]}`, text: answer.stdout + answer.stderr }))
  const written = (await Promise.all(WRITTEN.map((dir) => textsBelow(operator.path(dir))))).flat()
  const inspected = await Promise.all(
    HA2_HOSTS.map(async (host) => ({
      path: `docker inspect on ${host}`,
      text: [...(await containersOn(lab, host)).values()].map((container) => container.inspected).join("\n"),
    })),
  )
  const leaks = [...said, ...written, ...inspected].filter(({ text }) => secrets.some((secret) => text.includes(secret)))
  expect(leaks.map(({ path }) => path)).toEqual([])
  expect(said.filter(({ text }) => text.includes("\u001b")).map(({ path }) => path)).toEqual([])
  // Something was looked at, in each of the three places.
  expect(written.some(({ path }) => path.endsWith("compose.yaml"))).toBe(true)
  expect(written.some(({ path }) => path.endsWith(".jsonl"))).toBe(true)
  expect(inspected.every(({ text }) => text.includes("io.gonka-ha.deployment"))).toBe(true)
}
