import { AppError, EXIT, reasonOf } from "../core/errors.ts"
import type { Issue } from "../core/issue.ts"
import { layout } from "../core/render/layout.ts"
import { type Host, serviceName } from "../core/topology.ts"
import { audit } from "./audit.ts"
import type { Deployment } from "./deployment.ts"
import { lockHosts } from "./host-lock.ts"
import { lockSigner, type SignerLock } from "./lock.ts"

const COMPOSE_TIMEOUT_MS = 5 * 60_000

/**
 * Stops and removes the containers of a deployment. Keys, chain data and signer state stay where they are.
 *
 * Nodes go first, while a signer still answers them: without one a node does not hear SIGTERM and is killed when its grace has run out
 * (signing.md 9.2).
 */
export async function down(deployment: Deployment): Promise<void> {
  const { topology, report } = deployment
  const locks: Pick<SignerLock, "release">[] = []
  const failed = new Map<string, Issue>()
  const away = new Set<string>()
  const everywhere = (work: (host: Host) => Promise<void>) =>
    Promise.all(
      topology.hosts
        .filter((host) => !failed.has(host.name))
        .map(async (host) => {
          try {
            await work(host)
          } catch (error) {
            failed.set(host.name, { severity: "error", path: host.name, message: reasonOf(error) })
          }
        }),
    )
  const lockOrPass = async (host: string) => {
    try {
      locks.push(await lockHosts(deployment, [host], "gonka-ha down"))
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "HOST_UNREACHABLE") throw error
      away.add(host)
      failed.set(host, { severity: "error", path: host, message: error.message })
    }
  }
  try {
    // One after the other in one order, like every command; a host that is away keeps nobody from stopping the others.
    const names = topology.hosts.map(({ name }) => name).sort()
    for (const name of names) await lockOrPass(name)
    for (const validator of topology.validators) locks.push(await lockSigner(deployment, validator, "gonka-ha down"))
    await everywhere((host) => stopNodes(deployment, host))
    await everywhere(async (host) => {
      await compose(deployment, host, ["down"])
      report({ kind: "note", text: `${host.name}: stopped` })
    })
    await audit(
      deployment,
      topology.hosts.map((host) => host.name).filter((host) => !failed.has(host)),
      "down: containers removed",
    )
    for (const [host, { message }] of failed) if (!away.has(host)) await audit(deployment, [host], `down: stopped: ${message}`)
  } finally {
    await Promise.all(locks.map((lock) => lock.release()))
  }
  if (failed.size > 0)
    throw new AppError("HOST_UNREACHABLE", EXIT.unreachable, "not every host could be stopped", { issues: [...failed.values()] })
}

async function stopNodes(deployment: Deployment, host: Host): Promise<void> {
  const nodes = deployment.topology.nodes.filter((node) => node.host === host.name).map((node) => serviceName.node(node.name))
  if (nodes.length > 0) await compose(deployment, host, ["stop", ...nodes])
}

const IS_THERE = 'if [ -e "$1" ]; then echo yes; else echo no; fi'

async function compose({ topology, fleet }: Deployment, host: Host, command: readonly string[]): Promise<void> {
  const file = `${topology.dir}/${layout.compose}`
  const access = fleet.host(host.name)
  const { stdout, stderr } = await access.run(["sh", "-c", IS_THERE, "is-there", file])
  if (stdout.trim() === "no") return
  if (stdout.trim() !== "yes") throw new Error(`whether ${file} is there is not known: ${stderr.trim().split("\n").at(-1)}`)
  const result = await access.run(["docker", "compose", "--file", file, ...command], { timeoutMs: COMPOSE_TIMEOUT_MS })
  if (result.code !== 0) throw new Error(`docker compose ${command[0]} failed: ${result.stderr.trim().split("\n").at(-1)}`)
}
