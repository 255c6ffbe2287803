import { AppError, EXIT, reasonOf } from "../core/errors.ts"
import { type Observed, valueIn } from "../core/observe/state.ts"
import { type DestroyedPart, type DestroyPlan, planDestroy } from "../core/plan/destroy.ts"
import { layout } from "../core/render/layout.ts"
import { audit } from "./audit.ts"
import { lookingAnew } from "./await-lock.ts"
import { halfWay } from "./carry-steps.ts"
import { collect } from "./collect.ts"
import type { Deployment } from "./deployment.ts"
import { lockHosts } from "./host-lock.ts"
import { openJournal } from "./journal.ts"
import { operationId } from "./operation-id.ts"

export type DestroyRequest = { readonly node: string; readonly withData: boolean; readonly dryRun: boolean }

/** A plan with what its chain data takes on each host, in bytes; undefined where that cannot be measured. */
export type MeasuredDestroy = DestroyPlan & { readonly dataBytes: ReadonlyMap<string, number | undefined> }

const STOP_TIMEOUT_MS = 10 * 60_000

/** Names become paths on hosts. */
const NAME = /^[a-z][a-z0-9-]{0,30}$/

/**
 * Stops it and removes its container, by the id that was shown: another one of the same name is not touched. Argument: the id.
 */
const REMOVE = `set -eu
docker stop "$1" >/dev/null
docker rm "$1" >/dev/null`

const MEASURE = '[ ! -d "$1" ] || du -sk "$1" | cut -f 1'

/**
 * Rendered files go aside, and nothing else: keys, the parking signer's state and who owned the port stay. With "data" the chain's data is
 * removed, but not the file in which a node says what it has signed. Arguments: the node's directory, the end of a name, "data" or nothing.
 */
const PUT_AWAY = `set -eu
[ -d "$1" ] || exit 0
cd "$1"
for config in config parking/config; do
  [ ! -d "$config" ] || [ -e "$config.$2" ] || mv "$config" "$config.$2"
done
[ "$3" = data ] || exit 0
[ ! -L home ] && [ ! -L home/data ] || { echo "its data is behind a symbolic link: remove it by hand" >&2; exit 1; }
[ ! -d home/data ] || find home/data -mindepth 1 -depth ! -name priv_validator_state.json ! -type d -exec rm -f {} +
[ ! -d home/data ] || find home/data -mindepth 1 -depth -type d -empty -exec rmdir {} +`

/**
 * `gonka-ha destroy NODE`: removes the containers of a node that left the topology file, never its keys, nor the state of any signer.
 * @param confirm throws AppError CANCELLED when it is not to be done
 * @throws AppError USAGE; REFUSED with every reason; LOCK_HELD; exit 7 once it has begun
 */
export async function destroy(
  deployment: Deployment,
  request: DestroyRequest,
  confirm: (plan: MeasuredDestroy) => Promise<void>,
): Promise<MeasuredDestroy> {
  if (!NAME.test(request.node))
    throw new AppError("USAGE", EXIT.usage, `${request.node} is no name of a node`, { hint: "`gonka-ha ps` shows what is left" })
  return lookingAnew(deployment, async () => {
    const observed = await collect(deployment)
    const plan = planned(deployment, observed, request.node)
    const measured = { ...plan, dataBytes: await measure(deployment, plan) }
    if (request.dryRun) return measured
    await confirm(measured)
    const hosts = plan.parts.map(({ host }) => host)
    const expected = new Map(hosts.map((host) => [host, valueIn(observed.hosts.get(host))?.lock.epoch ?? 0]))
    const lock = await lockHosts(deployment, hosts, `gonka-ha destroy ${request.node}`, { expected })
    try {
      // A signer may have been moved to it meanwhile; nothing of that takes the locks of hosts.
      const now = planned(deployment, await collect(deployment, observed), request.node)
      if (JSON.stringify(idsOf(now)) !== JSON.stringify(idsOf(plan)))
        throw new AppError("REFUSED", EXIT.refused, `the containers of ${request.node} have changed since this plan was made`, {
          hint: "run the command again: it looks anew",
          retry: true,
        })
      await carry(deployment, request, plan.parts, lock.stillOurs)
    } finally {
      await lock.release()
    }
    return measured
  })
}

function planned({ topology }: Deployment, observed: Observed, node: string): DestroyPlan {
  const plan = planDestroy(topology, observed, node)
  if ("refused" in plan)
    throw new AppError("REFUSED", EXIT.refused, `${node} is not destroyed, nothing was changed`, { issues: plan.refused })
  return plan
}

function idsOf({ parts }: DestroyPlan): readonly (readonly string[])[] {
  return parts.map(({ host, containers }) => [host, ...containers.map(({ id }) => id)])
}

async function measure({ fleet, topology }: Deployment, { node, parts }: DestroyPlan): Promise<ReadonlyMap<string, number | undefined>> {
  const sizes = parts.map(async ({ host }) => {
    const { code, stdout } = await fleet
      .host(host)
      .run(["sh", "-c", MEASURE, "measure-data", `${topology.dir}/${layout.node.home(node)}/data`])
    if (code !== 0 || !/^\d*$/.test(stdout.trim())) return [host, undefined] as const
    return [host, Number(stdout.trim() || 0) * 1024] as const
  })
  return new Map(await Promise.all(sizes))
}

async function carry(
  deployment: Deployment,
  { node, withData }: DestroyRequest,
  parts: readonly DestroyedPart[],
  stillOurs: () => void,
): Promise<void> {
  const operation = operationId(deployment.clock, "destroy")
  const journal = openJournal(deployment, operation)
  const hosts = parts.map(({ host }) => host)
  const done: string[] = []
  await journal.write({ at: "begins", operation, kind: "destroy", by: deployment.operator, to: node })
  try {
    for (const part of parts) await removePart(deployment, { node, withData, operation }, part, stillOurs, done)
    await journal.write({ at: "note", text: done.join("; ") })
    await journal.write({ at: "ends", result: "done" })
    await audit(deployment, hosts, `destroy of ${node}: done: ${done.join("; ")} (${operation})`)
  } catch (error) {
    await journal.write({ at: "ends", result: "failed", reason: reasonOf(error) })
    await audit(deployment, hosts, `destroy of ${node}: stopped: ${reasonOf(error)} (${operation})`)
    throw halfWay(error)
  }
}

async function removePart(
  { fleet, topology, report }: Deployment,
  { node, withData, operation }: { readonly node: string; readonly withData: boolean; readonly operation: string },
  { host, containers }: DestroyedPart,
  stillOurs: () => void,
  done: string[],
): Promise<void> {
  const run = async (doing: string, what: string, argv: readonly string[]) => {
    stillOurs()
    const { code, stderr } = await fleet.host(host).run(argv, { timeoutMs: STOP_TIMEOUT_MS })
    if (code !== 0)
      throw new AppError("REMOTE_COMMAND", EXIT.halfWay, `${doing} failed on ${host}: ${stderr.trim()}`, {
        hint: "run the command again when that is put right",
      })
    done.push(what)
    report({ kind: "note", text: `${host}: ${what}` })
  }
  for (const { id, name } of containers)
    await run(`removing ${name}`, `container ${name} removed`, ["sh", "-c", REMOVE, "remove-container", id])
  const argv = ["sh", "-c", PUT_AWAY, "put-away", `${topology.dir}/nodes/${node}`, operation, withData ? "data" : ""]
  await run("clearing its directory", withData ? "rendered files put aside, chain data removed" : "rendered files put aside", argv)
}
