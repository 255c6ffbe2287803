import { AppError, EXIT } from "../core/errors.ts"
import { type Rehearsal, type Rehearsed, rehearsalOf } from "../core/plan/rehearsal.ts"
import type { SwapTiming } from "../core/plan/step.ts"
import { containerName, nodeOf, serviceName, type Validator } from "../core/topology.ts"
import { rpcOf } from "./chain.ts"
import type { Deployment } from "./deployment.ts"
import { readState } from "./steps/gap.ts"
import { signerContainerName } from "./steps/signer.ts"

/** The script must arrive whole and be one that this host's shell understands; nothing of it runs. */
const TRANSFER = `umask 077
file=$(mktemp) && trap 'rm -f "$file"' EXIT
cat > "$file"
[ "$(sha256sum < "$file" | cut -c1-64)" = "$1" ] || { echo "it arrived damaged" >&2; exit 1; }
sh -n "$file"`
const ONE_LOOK = `begin=$(cut -d' ' -f1 /proc/uptime | tr -d .)
docker inspect -f '{{.State.Status}}' "$1" >/dev/null || exit 1
end=$(cut -d' ' -f1 /proc/uptime | tr -d .)
echo $(( (end - begin) * 10 ))`
const LOOKS = 3

/** Does for real whatever of a move changes nothing, times it, and says what the move itself will cost. */
export async function rehearse(deployment: Deployment, validator: Validator, to: string, timing: SwapTiming): Promise<Rehearsal> {
  const { topology, fleet, clock, moveScript, sha256 } = deployment
  const target = nodeOf(topology, to)
  const signer = fleet.host(validator.signerHost)
  const measured: Rehearsed[] = []
  const timed = async <T>(what: string, where: string, work: () => Promise<T>): Promise<T> => {
    const begun = clock.monoMs()
    const value = await work()
    measured.push({ what, where, tookMs: Math.round(clock.monoMs() - begun) })
    return value
  }
  await timed("the script of the critical section arrives whole, and its shell understands it", validator.signerHost, async () => {
    const argv = ["sh", "-c", TRANSFER, "rehearse-transfer", sha256(moveScript)]
    const result = await signer.run(argv, { stdin: moveScript, timeoutMs: 15_000 })
    if (result.code !== 0)
      throw new AppError("REMOTE_COMMAND", EXIT.refused, `the script does not get to ${validator.signerHost}: ${result.stderr.trim()}`)
  })
  await timed("the signer's state is read", validator.signerHost, () => readState(deployment, validator))
  const looks: number[] = []
  for (let look = 0; look < LOOKS; look++) {
    const text = await timed("the engine tells how the signer's container is", validator.signerHost, async () => {
      const result = await signer.run(["sh", "-c", ONE_LOOK, "rehearse-look", signerContainerName(deployment, validator)], {
        timeoutMs: 15_000,
      })
      if (result.code !== 0)
        throw new AppError("ENGINE", EXIT.refused, `the engine of ${validator.signerHost} does not answer: ${result.stderr.trim()}`)
      return result.stdout
    })
    looks.push(Number(text.trim()))
  }
  await timed("the engine tells how its parking signer is", target.host, () =>
    fleet.host(target.host).inspect(containerName(topology, serviceName.parking(to))),
  )
  await timed(`${to} tells its height`, target.host, () => rpcOf(fleet, target).height())
  for (const sentry of topology.nodes.filter((node) => node.role === "sentry").slice(0, 2))
    await timed(`${sentry.name} tells its height`, sentry.host, () =>
      rpcOf(fleet, sentry)
        .height()
        .catch(() => undefined),
    )
  const middle = looks.sort((a, b) => a - b)[Math.floor(LOOKS / 2)] ?? 0
  return rehearsalOf(measured, middle, topology.chain.blockMs, timing)
}
