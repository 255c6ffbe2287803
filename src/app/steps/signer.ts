import { AppError, EXIT } from "../../core/errors.ts"
import { privvalAddress } from "../../core/observe/who-signs.ts"
import type { StepOf } from "../../core/plan/step.ts"
import { containerName, hostOf, nodeOf, serviceName, type Validator, validatorOf } from "../../core/topology.ts"
import { readHost } from "../collect.ts"
import type { Deployment } from "../deployment.ts"
import type { Run } from "../execute.ts"
import { waitFor } from "../wait.ts"

const CONNECT_STALL_MS = 30_000

export async function waitUntilAttached({ args }: StepOf<"signer.attached">, { deployment }: Run): Promise<string> {
  return waitForConnection(deployment, validatorOf(deployment.topology, args.validator), args.node)
}

/** The guard has let it start, and it has reached its node. */
export async function waitForConnection(deployment: Deployment, validator: Validator, node: string): Promise<string> {
  const { topology, fleet } = deployment
  const container = signerContainerName(deployment, validator)
  const host = fleet.host(validator.signerHost)
  const target = privvalAddress(topology, nodeOf(topology, node))
  return waitFor(deployment, {
    what: `the signer to connect to ${node}`,
    stallMs: CONNECT_STALL_MS,
    pollMs: 50,
    hint: `look at its log: ssh ${validator.signerHost} docker logs --tail 20 ${container}`,
    look: async () => {
      const [now, seen] = await Promise.all([host.inspect(container), readHost(deployment, hostOf(topology, validator.signerHost))])
      if (now?.status === "restarting" || now?.status === "exited") throw await refusedByGuard(deployment, validator, container)
      if (seen.kind === "unknown") return { done: false, progress: "unknown", now: seen.reason }
      const process = seen.value.tmkms.find((candidate) => candidate.containerId === now?.id)
      return process?.connections.includes(target)
        ? { done: true, value: `connected to ${target}` }
        : { done: false, progress: process ? "connecting" : "starting", now: process ? "not connected yet" : "its guard is at work" }
    },
  })
}

async function refusedByGuard({ fleet }: Deployment, validator: Validator, container: string): Promise<AppError> {
  const lines = await fleet.host(validator.signerHost).logs(container, { tail: 20 })
  const said = lines.findLast((line) => line.startsWith("guard: ")) ?? lines.at(-1) ?? "it said nothing"
  return new AppError("REFUSED", EXIT.halfWay, `the signer did not start: ${said}`)
}

export function signerContainerName({ topology }: Pick<Deployment, "topology">, validator: Validator): string {
  return containerName(topology, serviceName.signer(validator.name))
}
