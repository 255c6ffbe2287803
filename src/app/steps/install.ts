import { AppError, EXIT, reasonOf } from "../../core/errors.ts"
import type { StepOf } from "../../core/plan/step.ts"
import { layout } from "../../core/render/layout.ts"
import { containerName } from "../../core/topology.ts"
import type { Deployment } from "../deployment.ts"
import type { Run } from "../execute.ts"

/** Pulling an image may take long on a fresh host. */
const COMPOSE_TIMEOUT_MS = 15 * 60_000
/** Sessions of one SSH connection; sshd allows ten where nobody has changed it. */
const PUSHES_AT_ONCE = 4
const PUBLIC_FILE = 0o644
const SCRIPT_FILE = 0o755
const SECRET_FILE = 0o600

export async function pushFiles({ args }: StepOf<"files.push">, { deployment }: Run): Promise<string> {
  const { topology, files, fleet } = deployment
  const rendered = files.get(args.host)?.files ?? []
  const push = async (path: string) => {
    const file = rendered.find((candidate) => candidate.path === path)
    if (!file) throw new Error(`the plan names ${path}, which is not rendered for ${args.host}`)
    await fleet.host(args.host).push(`${topology.dir}/${path}`, file.content, path.endsWith(".sh") ? SCRIPT_FILE : PUBLIC_FILE)
  }
  for (let begin = 0; begin < args.paths.length; begin += PUSHES_AT_ONCE)
    await Promise.all(args.paths.slice(begin, begin + PUSHES_AT_ONCE).map(push))
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
  await compose(deployment, args.host, ["up", "--detach", "--no-deps", "--no-build", args.service])
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

async function compose({ topology, fleet }: Deployment, host: string, command: readonly string[]): Promise<void> {
  const argv = ["docker", "compose", "--file", `${topology.dir}/${layout.compose}`, ...command]
  const result = await fleet.host(host).run(argv, { timeoutMs: COMPOSE_TIMEOUT_MS })
  if (result.code !== 0) {
    throw new AppError("REMOTE_COMMAND", EXIT.halfWay, `docker compose ${command[0]} failed on ${host}: ${lastLine(result.stderr)}`, {
      hint: `look at it with: ssh ${host} ${argv.join(" ")}`,
    })
  }
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? ""
}
