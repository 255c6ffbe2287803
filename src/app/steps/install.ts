import { AppError, EXIT, reasonOf } from "../../core/errors.ts"
import { containerOf } from "../../core/observe/who-signs.ts"
import { whyToBringUp } from "../../core/plan/bring-up-reason.ts"
import type { StepOf } from "../../core/plan/step.ts"
import { layout } from "../../core/render/layout.ts"
import { containerName, hostOf, serviceName } from "../../core/topology.ts"
import { readHost } from "../collect.ts"
import type { Deployment } from "../deployment.ts"
import type { Run } from "../execute.ts"
import { beginGeneration, endGeneration } from "../generations.ts"

/** Pulling an image may take long on a fresh host. */
const COMPOSE_TIMEOUT_MS = 15 * 60_000
/** Sessions of one SSH connection; sshd allows ten where nobody has changed it. */
const PUSHES_AT_ONCE = 4
const PUBLIC_FILE = 0o644
const SCRIPT_FILE = 0o755
const SECRET_FILE = 0o600

/** What is complete afterwards is kept as a generation, to which `rollback` returns; a push that stops half-way never becomes one. */
export async function pushFiles({ args }: StepOf<"files.push">, run: Run): Promise<string> {
  const { topology, files, fleet } = run.deployment
  const rendered = files.get(args.host)?.files ?? []
  const push = async (path: string) => {
    const file = rendered.find((candidate) => candidate.path === path)
    if (!file) throw new Error(`the plan names ${path}, which is not rendered for ${args.host}`)
    await fleet.host(args.host).push(`${topology.dir}/${path}`, file.content, path.endsWith(".sh") ? SCRIPT_FILE : PUBLIC_FILE)
  }
  await beginGeneration(run, args.host)
  for (let begin = 0; begin < args.paths.length; begin += PUSHES_AT_ONCE)
    await Promise.all(args.paths.slice(begin, begin + PUSHES_AT_ONCE).map(push))
  await endGeneration(run.deployment, args.host)
  return `${args.paths.length} installed`
}

export async function pushSecrets({ args }: StepOf<"secrets.push">, { deployment }: Run): Promise<string> {
  const { topology, secrets, keys, fleet } = deployment
  for (const path of args.paths) {
    const secret = secrets.find((candidate) => candidate.host === args.host && candidate.path === path)
    if (!secret) throw new Error(`the plan names the secret ${path}, which is not known for ${args.host}`)
    await fleet.host(args.host).push(`${topology.dir}/${path}`, await keys.readSecret(secret), SECRET_FILE)
  }
  return `${args.paths.length} installed`
}

export async function bringUp({ args }: StepOf<"service.up">, { deployment }: Run): Promise<undefined> {
  if (!args.costAccepted) await refuseActive(deployment, args)
  try {
    await compose(deployment, args.host, ["up", "--detach", "--no-deps", "--no-build", args.service])
  } catch (error) {
    // Compose tells what its registry said, and not always for which image.
    const image = await missingImage(deployment, args).catch(() => undefined)
    if (image === undefined) throw error
    throw new AppError("REMOTE_COMMAND", EXIT.halfWay, `${image} is not on ${args.host} and could not be fetched: ${reasonOf(error)}`, {
      hint: `bring it to ${args.host} (docker pull, or docker load), then run \`gonka-ha up\` again`,
    })
  }
}

/** The first image of a service that its host does not have. */
async function missingImage({ topology, fleet }: Deployment, { host, service }: StepOf<"service.up">["args"]): Promise<string | undefined> {
  const access = fleet.host(host)
  const listed = await access.run(["docker", "compose", "--file", `${topology.dir}/${layout.compose}`, "config", "--images", service])
  const images = listed.code === 0 ? listed.stdout.split("\n").filter((line) => line !== "") : []
  for (const image of images) {
    const { code, stderr } = await access.run(["docker", "image", "inspect", "--format", "{{.Id}}", image])
    // An engine that does not answer has not said that it lacks anything.
    if (code !== 0 && /no such image/i.test(stderr)) return image
  }
  return undefined
}

/**
 * The plan may be hours old, and no lock is held: a node to which a signer was moved meanwhile is not replaced under it.
 * @throws AppError REFUSED
 */
async function refuseActive(deployment: Deployment, { host, service }: StepOf<"service.up">["args"]): Promise<void> {
  const { topology, files } = deployment
  const node = topology.nodes.find((each) => each.host === host && serviceName.node(each.name) === service)
  if (!node || node.candidateOf.length === 0) return
  const whyNow = async () => {
    const now = await readHost(deployment, hostOf(topology, host))
    if (now.kind === "unknown")
      throw new AppError("HOST_UNREACHABLE", EXIT.halfWay, `whether ${node.name} signs is not known: ${now.reason}`)
    return { now, why: whyToBringUp(topology, now.value, files.get(host), service)?.kind }
  }
  if ((await whyNow()).why !== "changed") return
  // Compose would fetch it after the last look, which may take minutes.
  await ensureImage(deployment, host, topology.images.node)
  const { now, why } = await whyNow()
  if (why !== "changed" || now.value.owners.get(node.name) !== "validator") return
  const container = containerOf(topology, now.value, service)
  if (container?.status !== "running" && container?.status !== "restarting") return
  throw new AppError("REFUSED", EXIT.halfWay, `${node.name} has become the active validator meanwhile: its restart would miss blocks`, {
    hint: "run `gonka-ha up` again: it looks anew",
  })
}

/**
 * A container that is replaced belongs to a signer that stands still meanwhile: nothing is pulled then, and Compose keeps the old container
 * when it cannot make the new one. What signed before goes on rather than nothing.
 */
export async function createService({ args }: StepOf<"service.create">, { deployment }: Run): Promise<string | undefined> {
  const { topology, fleet, report } = deployment
  const name = containerName(topology, args.service)
  const before = await fleet.host(args.host).inspect(name)
  if (!before) {
    await compose(deployment, args.host, ["create", "--no-build", args.service])
    return undefined
  }
  try {
    await compose(deployment, args.host, ["create", "--no-build", "--pull", "never", args.service])
    return undefined
  } catch (error) {
    const after = await fleet.host(args.host).inspect(name)
    if (after?.id !== before.id) throw error
    report({ kind: "note", text: `${name} stays as it was: ${reasonOf(error)}` })
    return "kept the container as it was"
  }
}

/** Touches nothing that runs. @throws AppError REMOTE_COMMAND when the image is not there and cannot be fetched */
export async function ensureImage({ fleet }: Pick<Deployment, "fleet">, host: string, image: string): Promise<void> {
  const access = fleet.host(host)
  if ((await access.run(["docker", "image", "inspect", "--format", "{{.Id}}", image])).code === 0) return
  const { code, stderr } = await access.run(["docker", "pull", "--quiet", image], { timeoutMs: COMPOSE_TIMEOUT_MS })
  if (code === 0) return
  throw new AppError("REMOTE_COMMAND", EXIT.refused, `${image} is not on ${host} and cannot be fetched: ${lastLine(stderr)}`, {
    hint: `bring it to ${host} (docker pull, or docker load); until then nothing is changed there`,
  })
}

async function compose(deployment: Deployment, host: string, command: readonly string[]): Promise<void> {
  const { topology, fleet } = deployment
  const argv = ["docker", "compose", "--file", `${topology.dir}/${layout.compose}`, ...command]
  const run = () => fleet.host(host).run(argv, { timeoutMs: COMPOSE_TIMEOUT_MS })
  let result = await run()
  if (result.code !== 0 && CONFLICT.test(result.stderr)) {
    await removeHalfMade(deployment, host, command.at(-1) ?? "")
    result = await run()
  }
  if (result.code !== 0) {
    throw new AppError("REMOTE_COMMAND", EXIT.halfWay, `docker compose ${command[0]} failed on ${host}: ${lastLine(result.stderr)}`, {
      hint: `look at it with: ssh ${host} ${argv.join(" ")}`,
    })
  }
}

/** `1c3e6fc62bf9_NAME`: the name that Compose gives to a new container until the old one is gone. */
const HALF_MADE = /^[0-9a-f]{12}_/
const CONFLICT = /conflict\. the container name "\/[0-9a-f]{12}_/i

/**
 * An engine or a host that goes down while Compose replaces a container leaves the new one under its passing name, and the next Compose takes
 * it away at the same time as it makes another of that name, which then fails or not. One that has never run holds nothing.
 */
async function removeHalfMade({ topology, fleet }: Deployment, host: string, service: string): Promise<void> {
  const access = fleet.host(host)
  // Another service of this host may be in the middle of the same, and well.
  const own = containerName(topology, service)
  const halfMade = (await access.containers()).filter(
    ({ deployment, name, status }) =>
      deployment === topology.deployment && status === "created" && HALF_MADE.test(name) && name.replace(HALF_MADE, "") === own,
  )
  // Without force: the engine itself refuses to remove one that runs by now. One that is gone already is as good.
  for (const { id } of halfMade) await access.run(["docker", "rm", id])
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? ""
}
