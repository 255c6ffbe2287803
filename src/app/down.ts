import { AppError, EXIT, reasonOf } from "../core/errors.ts"
import type { Issue } from "../core/issue.ts"
import { layout } from "../core/render/layout.ts"
import type { Host } from "../core/topology.ts"
import { audit } from "./audit.ts"
import type { Deployment } from "./deployment.ts"
import { lockSigner, type SignerLock } from "./lock.ts"

const COMPOSE_TIMEOUT_MS = 5 * 60_000

/** Stops and removes the containers of a deployment, signers first. Keys, chain data and signer state stay where they are. */
export async function down(deployment: Deployment): Promise<void> {
  const { topology, report } = deployment
  const signerHosts = new Set(topology.validators.map((validator) => validator.signerHost))
  const locks: SignerLock[] = []
  const failed: Issue[] = []
  try {
    for (const validator of topology.validators) locks.push(await lockSigner(deployment, validator, "gonka-ha down"))
    for (const wave of [
      topology.hosts.filter((host) => signerHosts.has(host.name)),
      topology.hosts.filter((host) => !signerHosts.has(host.name)),
    ]) {
      await Promise.all(
        wave.map(async (host) => {
          try {
            await stopHost(deployment, host)
            report({ kind: "note", text: `${host.name}: stopped` })
          } catch (error) {
            failed.push({ severity: "error", path: host.name, message: reasonOf(error) })
          }
        }),
      )
    }
    await audit(
      deployment,
      topology.hosts.filter((host) => !failed.some(({ path }) => path === host.name)).map((host) => host.name),
      "down: containers removed",
    )
  } finally {
    await Promise.all(locks.map((lock) => lock.release()))
  }
  if (failed.length > 0) throw new AppError("HOST_UNREACHABLE", EXIT.unreachable, "not every host could be stopped", { issues: failed })
}

async function stopHost({ topology, fleet }: Deployment, host: Host): Promise<void> {
  const file = `${topology.dir}/${layout.compose}`
  const access = fleet.host(host.name)
  if ((await access.run(["test", "-e", file])).code !== 0) return
  const result = await access.run(["docker", "compose", "--file", file, "down"], { timeoutMs: COMPOSE_TIMEOUT_MS })
  if (result.code !== 0) throw new Error(`docker compose down failed: ${result.stderr.trim().split("\n").at(-1)}`)
}
