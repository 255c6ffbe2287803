import { AppError, EXIT, reasonOf } from "../../core/errors.ts"
import { hostOf, type Validator } from "../../core/topology.ts"
import { readHost } from "../collect.ts"
import type { Deployment } from "../deployment.ts"
import { signerContainerName } from "../steps/signer.ts"

/** The engine answers that it is down a moment before the process table does; more than this is not a moment. */
const LOOKS = 5
const PAUSE_MS = 300

/**
 * SIGKILL, the orderly stop of a tmkms, and proof that neither its container nor its process is there any more. After it no restart policy
 * brings it back, also not with a reboot.
 * @throws AppError exit 7 with what still runs, or why that is not known
 */
export async function killSigner(deployment: Deployment, validator: Validator): Promise<void> {
  const { topology, fleet, clock } = deployment
  const name = signerContainerName(deployment, validator)
  const access = fleet.host(validator.signerHost)
  let killed: unknown
  await access.kill(name).catch((error: unknown) => {
    killed = error
  })
  let still = ""
  for (let look = 0; look < LOOKS; look++) {
    if (look > 0) await clock.sleep(PAUSE_MS)
    const [container, seen] = await Promise.all([
      access.inspect(name).catch((error: unknown) => reasonOf(error)),
      readHost(deployment, hostOf(topology, validator.signerHost)),
    ])
    if (typeof container === "string" || seen.kind === "unknown") {
      still = `whether it is gone is not known: ${typeof container === "string" ? container : seen.kind === "unknown" ? seen.reason : ""}`
      continue
    }
    const process = seen.value.tmkms.find(({ containerId }) => container !== undefined && containerId === container.id)
    if (process === undefined && (container === undefined || container.status === "exited" || container.status === "created")) return
    still = process ? `tmkms still runs as process ${process.pid}` : `${name} is ${container?.status}`
  }
  const cause = killed === undefined ? "" : ` (${reasonOf(killed)})`
  throw new AppError("ENGINE", EXIT.halfWay, `after SIGKILL on ${validator.signerHost}: ${still}${cause}`, {
    hint: `on ${validator.signerHost}: docker kill -s KILL ${name}, then look for tmkms with ps`,
  })
}
