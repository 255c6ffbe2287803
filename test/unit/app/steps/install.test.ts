import { describe, expect, it } from "vitest"
import { bringUp, createService, ensureImage } from "../../../../src/app/steps/install.ts"
import type { ContainerSeen } from "../../../../src/core/observe/state.ts"
import type { HostAccess, RunResult } from "../../../../src/core/ports.ts"
import { aTopology, type Change, changed, container, filesOf, healthy, hostAway, owner, seenContainer } from "../../../support/observed.ts"
import { aDeployment, aHost, aRun } from "../../../support/paper-deployment.ts"
import { speakingHosts } from "../../../support/speaking-hosts.ts"

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

describe("an image", () => {
  const have = async (isThere: boolean, canPull: boolean) => {
    const commands: string[] = []
    const host = aHost({
      run: async (argv) => {
        commands.push(argv.slice(0, 3).join(" "))
        const ok = argv[1] === "image" ? isThere : canPull
        return { code: ok ? 0 : 1, stdout: "", stderr: ok ? "" : "warning\nno such host" }
      },
    })
    const said = await ensureImage(aDeployment({ "sig-1": host }), "sig-1", "tmkms:2").then(() => "", String)
    return { said, commands }
  }

  it("is not fetched when it is there", async () => {
    expect(await have(true, false)).toEqual({ said: "", commands: ["docker image inspect"] })
  })

  it("is fetched when it is not there, and missed when it cannot be", async () => {
    expect(await have(false, true)).toEqual({ said: "", commands: ["docker image inspect", "docker pull --quiet"] })
    expect((await have(false, false)).said).toContain("tmkms:2 is not on sig-1 and cannot be fetched: no such host")
  })
})

describe("service.up", () => {
  const up = async (changes: readonly Change[], service = "node-2") => {
    const composed: string[] = []
    const deployment = aDeployment()
    const hosts = speakingHosts(topology, changed(healthy(topology), ...changes), () => deployment.clock)
    const speaking = hosts["val-2"]
    if (!speaking) throw new Error("there is no val-2")
    const host: HostAccess = {
      ...speaking,
      run: async (argv, options) => {
        if (argv[0] !== "docker") return speaking.run(argv, options)
        if (argv[1] === "image") return { code: 0, stdout: "", stderr: "" }
        composed.push(argv.slice(4).join(" "))
        return { code: 0, stdout: "", stderr: "" }
      },
    }
    const run = aRun({ ...deployment, fleet: { host: () => host, close: async () => {} } })
    const step = { kind: "service.up", cause: "a test", args: { host: "val-2", service } } as const
    const said = await bringUp(step, run).then(() => "", String)
    return { said, composed }
  }
  it.each([
    { isThere: false, says: "lab/node:2 is not on sen-1 and could not be fetched: docker compose up failed on sen-1: no such host" },
    { isThere: true, says: "docker compose up failed on sen-1: no such host" },
  ])("names the image where that is what is missing (it is there: $isThere)", async ({ isThere, says }) => {
    const deployment = aDeployment({
      "sen-1": aHost({
        run: async (argv) => {
          if (argv[4] === "config") return { code: 0, stdout: "lab/node:2\n", stderr: "" }
          if (argv[1] === "image")
            return isThere ? { code: 0, stdout: "", stderr: "" } : { code: 1, stdout: "", stderr: "Error: No such image: lab/node:2" }
          return { code: 1, stdout: "", stderr: "Pulling\nno such host\n" }
        },
      }),
    })
    const step = { kind: "service.up", cause: "a test", args: { host: "sen-1", service: "sentry-1" } } as const
    await expect(bringUp(step, aRun(deployment))).rejects.toMatchObject({ message: says, exit: 7 })
  })

  it("does not take an engine that does not answer for one without the image", async () => {
    const down = "Cannot connect to the Docker daemon"
    const deployment = aDeployment({
      "sen-1": aHost({
        run: async (argv) =>
          argv[4] === "config" ? { code: 0, stdout: "lab/node:2\n", stderr: "" } : { code: 1, stdout: "", stderr: down },
      }),
    })
    const step = { kind: "service.up", cause: "a test", args: { host: "sen-1", service: "sentry-1" } } as const
    await expect(bringUp(step, aRun(deployment))).rejects.toMatchObject({ message: `docker compose up failed on sen-1: ${down}` })
  })

  const halfMade = (id: string, name: string, status: string) => ({
    ...seenContainer(topology, filesOf(topology), "sen-1", "sentry-1"),
    id,
    name,
    status,
  })

  const passing = "be62eb25510f_lab-sentry-1"
  const gone = { name: passing, status: "created", isListed: false }

  it.each([
    { what: "removes what Compose has left half-made", name: passing, status: "created", isListed: true, runs: 2, removed: true },
    { what: "tries again where Compose has removed it meanwhile", ...gone, runs: 2, removed: false },
    { what: "removes nothing that has ever run", name: passing, status: "exited", isListed: true, runs: 2, removed: false },
    {
      what: "leaves alone what stands under its own name",
      name: "lab-sentry-1",
      status: "created",
      isListed: true,
      runs: 1,
      removed: false,
    },
  ])("$what when a name is in the way", async ({ name, status, isListed, runs, removed }) => {
    const commands: string[] = []
    const conflict = `Error response from daemon: Conflict. The container name "/${name}" is already in use by container "1c3e"`
    const count = (what: string) => commands.filter((command) => command.includes(what)).length
    const deployment = aDeployment({
      "sen-1": aHost({
        containers: async () => (isListed ? [halfMade("1c3e", name, status)] : []),
        run: async (argv) => {
          commands.push(argv.join(" "))
          const isMended = !isListed && count(" up ") > 1
          return argv[4] !== "up" || isMended || count("docker rm 1c3e") > 0
            ? { code: 0, stdout: "", stderr: "" }
            : { code: 1, stdout: "", stderr: conflict }
        },
      }),
    })
    const step = { kind: "service.up", cause: "a test", args: { host: "sen-1", service: "sentry-1" } } as const
    const isUp = await bringUp(step, aRun(deployment)).then(
      () => true,
      () => false,
    )
    expect([isUp, count(" up "), count("docker rm") > 0]).toEqual([removed || !isListed, runs, removed])
  })

  const older = container("val-2", "node-2", { digest: "old" })
  const given = owner("node-2", "val-2", "validator")

  it("does not replace a node that a signer was moved to since the plan was made", async () => {
    const { said, composed } = await up([older, given])
    expect(said).toContain("node-2 has become the active validator meanwhile")
    expect(composed).toEqual([])
  })

  it("does not touch a candidate whose host cannot tell", async () => {
    expect((await up([hostAway("val-2", "timeout")])).said).toContain("whether node-2 signs is not known")
  })

  it.each([
    { name: "a standby", changes: [older], service: "node-2" },
    {
      name: "an active node that is down",
      changes: [given, container("val-2", "node-2", { digest: "old", status: "exited" })],
      service: "node-2",
    },
    { name: "what is no node", changes: [given], service: "node-2-parking" },
  ])("brings up $name", async ({ changes, service }) => {
    const { said, composed } = await up(changes, service)
    expect([said, composed]).toEqual(["", [`up --detach --no-deps --no-build ${service}`]])
  })
})
