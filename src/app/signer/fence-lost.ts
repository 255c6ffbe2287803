import { AppError, EXIT, reasonOf } from "../../core/errors.ts"
import { otherKeyHolders } from "../../core/observe/key-holders.ts"
import { notQuarantined } from "../../core/observe/replaced-host.ts"
import { judgeFence } from "../../core/plan/replace-fence.ts"
import type { StepOf } from "../../core/plan/step.ts"
import { hostOf, type Validator, validatorOf } from "../../core/topology.ts"
import { readHost } from "../collect.ts"
import type { Deployment } from "../deployment.ts"
import type { Run } from "../execute.ts"
import { quarantine } from "../quarantine.ts"
import { fenceFacts } from "./fence-facts.ts"

/** Stops the lost host's signer where that can be done; looks once more at what was attested where it cannot. */
export async function fenceSigner({ args }: StepOf<"signer.fence">, { deployment, stillOurs }: Run): Promise<string> {
  const { topology } = deployment
  const validator = validatorOf(topology, args.validator)
  const facts = await fenceFacts(deployment, validator, args.host)
  const { proof, reasons } = judgeFence(topology, validator, args.host, args.method, facts)
  if (reasons.length > 0)
    throw new AppError("REFUSED", EXIT.halfWay, `the signer on ${args.host} is not known to be cut off from the chain`, { issues: reasons })
  if (args.method !== "ssh") return proof.join("; ")
  stillOurs()
  await stopForGood(deployment, validator, args.host)
  return "its signer is stopped and fenced, its key moved aside"
}

/** A process that hangs in the kernel dies a moment after its SIGKILL; more than this is not a moment. */
const LOOKS = 10
const PAUSE_MS = 500

async function stopForGood(deployment: Deployment, validator: Validator, host: string): Promise<void> {
  const { topology, clock } = deployment
  let remains: readonly string[] = []
  for (let look = 0; look < LOOKS; look++) {
    if (look > 0) await clock.sleep(PAUSE_MS)
    const failed = await quarantine(deployment, validator, host).then(
      () => undefined,
      (error: unknown) => reasonOf(error),
    )
    const after = await readHost(deployment, hostOf(topology, host))
    if (after.kind === "unknown")
      throw new AppError("HOST_UNREACHABLE", EXIT.halfWay, `whether the signer on ${host} is stopped is not known: ${after.reason}`)
    remains = [...notQuarantined(topology, validator, after.value), ...otherKeyHolders(topology, validator, host, after.value)]
    if (failed === undefined && remains.length === 0) return
    if (failed !== undefined && remains.length === 0) remains = [failed]
  }
  throw new AppError("ENGINE", EXIT.halfWay, `the signer on ${host} is not fenced: ${remains.join("; ")}`, {
    hint: "stop by hand what may hold the key there, or power the host off and use --fence power-off",
  })
}
