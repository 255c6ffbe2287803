import { randomBytes } from "node:crypto"
import { connect } from "node:net"
import { afterEach, beforeAll, describe, expect, it } from "vitest"
import { ensureSetup } from "../../dev/setup/ensure-setup.ts"
import { wantedImages } from "../../dev/setup/wanted-images.ts"
import { LABEL } from "../../src/core/render/compose.ts"
import { DOCKER_SOCKET } from "../../src/edge/connection.ts"
import { type Dial, DockerEngine } from "../../src/edge/docker-engine.ts"
import { LocalConnection } from "../../src/edge/local-connection.ts"
import { docker } from "../lab/docker.ts"
import { temporaryDir } from "../support/temporary-dir.ts"

const SETUP_LIMIT_MS = 20 * 60_000
const LABELS = { [LABEL.deployment]: "edge", [LABEL.service]: "node-1", [LABEL.role]: "private", [LABEL.digest]: "d1" }

/** The socket, as it is forwarded; and what a host whose sshd forwards no sockets is asked by. */
const WAYS: Readonly<Record<string, Dial>> = {
  "its socket": async () => connect(DOCKER_SOCKET),
  "the docker command": () => new LocalConnection("here").pipe(["docker", "system", "dial-stdio"]),
}
const made: string[] = []

beforeAll(async () => {
  await ensureSetup((line) => process.stderr.write(`${line}\n`))
}, SETUP_LIMIT_MS)

afterEach(async () => {
  for (const name of made.splice(0)) await docker(["rm", "--force", "--volumes", name])
})

/** A container that runs a shell script; it ignores SIGTERM as every process 1 does. */
async function create(
  script: string,
  options: { readonly labels?: Readonly<Record<string, string>>; readonly more?: readonly string[] } = {},
) {
  const name = `gonka-ha-edge-${randomBytes(5).toString("hex")}`
  const labels = Object.entries(options.labels ?? LABELS).flatMap(([key, value]) => ["--label", `${key}=${value}`])
  const args = ["create", "--name", name, "--network", "none", ...labels, ...(options.more ?? []), "--entrypoint", "/bin/sh"]
  const id = await docker([...args, wantedImages().node, "-c", script])
  made.push(name)
  return { name, id }
}

const FOREVER = "while :; do sleep 1; done"

describe.each(Object.entries(WAYS))("an engine by %s", (_, dial) => {
  const engine = new DockerEngine(dial, "here")

  it("follows a container through its life", async () => {
    const { name, id } = await create(FOREVER)
    const seen = { id, name, deployment: "edge", service: "node-1", role: "private", digest: "d1", image: wantedImages().node }
    expect(await engine.inspect(name)).toEqual({ ...seen, status: "created", exitCode: 0 })
    await engine.start(name)
    expect(await engine.inspect(name)).toMatchObject({ status: "running" })
    await engine.start(name)
    await engine.kill(name)
    expect(await engine.inspect(name)).toEqual({ ...seen, status: "exited", exitCode: 137 })
    await engine.kill(name)
    await engine.start(name)
    expect(await engine.inspect(name)).toMatchObject({ id, status: "running" })
  })

  it("kills one that its engine would restart for good", async () => {
    const { name } = await create(FOREVER, { more: ["--restart", "always"] })
    await engine.start(name)
    await engine.kill(name)
    await new Promise((resolve) => setTimeout(resolve, 1500))
    expect(await engine.inspect(name)).toMatchObject({ status: "exited" })
  })

  it("kills one that is being restarted again and again", async () => {
    const { name } = await create("exit 1", { more: ["--restart", "always"] })
    await engine.start(name)
    await new Promise((resolve) => setTimeout(resolve, 1500))
    await engine.kill(name)
    expect((await engine.inspect(name))?.status).toBe("exited")
  })

  it("kills one that is paused", async () => {
    const { name } = await create(FOREVER)
    await engine.start(name)
    await docker(["pause", name])
    expect(await engine.inspect(name)).toMatchObject({ status: "paused" })
    await engine.kill(name)
    expect(await engine.inspect(name)).toMatchObject({ status: "exited" })
  })

  it("has nothing to say of a container that is not there, and nothing to kill", async () => {
    expect(await engine.inspect("gonka-ha-edge-none")).toBeUndefined()
    await engine.kill("gonka-ha-edge-none")
    await expect(engine.start("gonka-ha-edge-none")).rejects.toMatchObject({
      code: "ENGINE",
      exit: 7,
      message: expect.stringContaining("the Docker engine of here did not start gonka-ha-edge-none"),
    })
    await expect(engine.logs("gonka-ha-edge-none", {})).rejects.toMatchObject({ code: "ENGINE" })
  })

  it("lists what carries our label, in any state, and nothing else", async () => {
    const [stopped, running, foreign] = await Promise.all([create(FOREVER), create(FOREVER), create(FOREVER, { labels: { other: "1" } })])
    await engine.start(running.name)
    const list = await engine.containers()
    const ours = new Map(list.map((container) => [container.name, container]))
    expect(ours.get(stopped.name)).toMatchObject({ id: stopped.id, status: "created", service: "node-1", deployment: "edge" })
    expect(ours.get(running.name)).toMatchObject({ id: running.id, status: "running" })
    expect(ours.has(foreign.name)).toBe(false)
  })

  it("reads both outputs of a log, in whole lines, without colours", async () => {
    const { name } = await create(
      `printf 'one\\n\\n\\033[32mtwo\\033[0m  \\n'; printf 'three\\n' >&2; printf 'ü%.0s' $(seq 3000); echo; ${FOREVER}`,
    )
    await engine.start(name)
    let lines: readonly string[] = []
    for (let tries = 0; tries < 50 && lines.length < 4; tries++) {
      lines = await engine.logs(name, {})
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    expect([...lines].sort()).toEqual(["one", "three", "two", "ü".repeat(3000)].sort())
    expect(await engine.logs(name, { tail: 1 })).toHaveLength(1)
  })

  it("reads a log from a moment on", async () => {
    const { name } = await create(`echo early; sleep 2; echo late; ${FOREVER}`)
    await engine.start(name)
    await new Promise((resolve) => setTimeout(resolve, 3500))
    const started = Date.parse(await docker(["inspect", "--format", "{{.State.StartedAt}}", name]))
    expect(await engine.logs(name, {})).toEqual(["early", "late"])
    expect(await engine.logs(name, { sinceMs: started + 1000 })).toEqual(["late"])
  })
})

it("cannot be reached through a socket that is not there", async () => {
  const nowhere = new DockerEngine(async () => connect(`${temporaryDir()}/docker.sock`), "there")
  await expect(nowhere.containers()).rejects.toMatchObject({
    code: "HOST_UNREACHABLE",
    exit: 9,
    message: expect.stringContaining("the Docker engine of there did not list the containers"),
  })
})
