import { describe, expect, it } from "vitest"
import { createService } from "../../../../src/app/steps/install.ts"
import type { ContainerSeen } from "../../../../src/core/observe/state.ts"
import type { RunResult } from "../../../../src/core/ports.ts"
import { aTopology, filesOf, seenContainer } from "../../../support/observed.ts"
import { aDeployment, aHost, aRun } from "../../../support/paper-deployment.ts"

const topology = aTopology()
const signer = (id: string) => ({ ...seenContainer(topology, filesOf(topology), "sig-1", "main-signer"), id })

/** A host on which the signer's container is one thing before `docker compose create` and another after it. */
async function create(before: ContainerSeen | undefined, after: ContainerSeen | undefined, result: Partial<RunResult>) {
  const commands: string[] = []
  const host = aHost({
    inspect: async () => (commands.length === 0 ? before : after),
    run: async (argv) => {
      commands.push(argv.join(" "))
      return { code: 0, stdout: "", stderr: "", ...result }
    },
  })
  const deployment = aDeployment({ "sig-1": host })
  const step = { kind: "service.create", cause: "a test", args: { host: "sig-1", service: "main-signer" } } as const
  const outcome = await createService(step, aRun(deployment)).then(
    (fact) => ({ fact }),
    (error: unknown) => ({ error }),
  )
  return { outcome, commands, notes: deployment.events.flatMap((event) => (event.kind === "note" ? [event.text] : [])) }
}

const refused = { code: 1, stderr: "invalid sysctl\nError response from daemon: no such image" }

describe("service.create", () => {
  it("makes a container that is not there, and may pull for it", async () => {
    const { outcome, commands } = await create(undefined, signer("new"), {})
    expect(outcome).toEqual({ fact: undefined })
    expect(commands).toEqual([`docker compose --file ${topology.dir}/compose.yaml create --no-build main-signer`])
  })

  it("replaces one without pulling, since a signer stands still meanwhile", async () => {
    const { outcome, commands } = await create(signer("old"), signer("new"), {})
    expect(outcome).toEqual({ fact: undefined })
    expect(commands[0]).toContain("create --no-build --pull never main-signer")
  })

  it("goes on with the old one when the new one cannot be made, and says why", async () => {
    const { outcome, notes } = await create(signer("old"), signer("old"), refused)
    expect(outcome).toEqual({ fact: "kept the container as it was" })
    expect(notes).toEqual([
      expect.stringContaining("lab-main-signer stays as it was: docker compose create failed on sig-1: Error response"),
    ])
  })

  it.each([
    { name: "gone", after: undefined },
    { name: "another", after: signer("half") },
  ])("fails when the old one is $name afterwards", async ({ after }) => {
    expect((await create(signer("old"), after, refused)).outcome).toMatchObject({ error: { code: "REMOTE_COMMAND" } })
  })
})
