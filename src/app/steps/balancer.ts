import { AppError, EXIT } from "../../core/errors.ts"
import { healthOf } from "../../core/observe/health.ts"
import type { StepOf } from "../../core/plan/step.ts"
import { API_LISTEN_PORT } from "../../core/render/api-haproxy.ts"
import { EDGE_PREFIX } from "../../core/render/edge-backends.ts"
import { EDGE_LISTEN_PORT } from "../../core/render/edge-haproxy.ts"
import { type Balancer, balancersOf, containerName, serviceName, type Topology } from "../../core/topology.ts"
import { collect } from "../collect.ts"
import type { Deployment } from "../deployment.ts"
import type { Run } from "../execute.ts"
import { waitFor } from "../wait.ts"

/** It starts in less than a second, or it ends, and is started again and again: how often is no progress. */
const START_STALL_MS = 30_000
/** It takes everything for well that it has not asked yet, and then needs a few of its checks. */
const BEHIND_MS = 10_000
const KNOCK_TIMEOUT_MS = 15_000

/**
 * Asks a load balancer from its host, at the address that the container has on its own network: what it publishes may be nothing. Arguments:
 * container, port, path. Prints `status WORD`, then `answers CODE`, where CODE is empty of one that takes the connection and says nothing, and
 * `blind` on a host that has nothing to ask with.
 */
const KNOCK = `status=$(docker inspect --type container --format '{{.State.Status}}' "$1" 2>/dev/null) || status=missing
echo "status $status"
[ "$status" = running ] || exit 0
path=$3
address=$(docker inspect --type container --format '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}' "$1" | cut -d " " -f 1)
[ -n "$address" ] || exit 0
if command -v bash >/dev/null; then
  timeout 3 bash -c '
exec 3<>"/dev/tcp/$0/$1" || exit 0
printf "GET %s HTTP/1.0\\r\\nHost: node\\r\\n\\r\\n" "$2" >&3
read -r -t 2 _ code _ <&3
echo "answers $code"' "$address" "$2" "$path" 2>/dev/null
elif command -v nc >/dev/null; then
  timeout 3 nc -w 2 "$address" "$2" </dev/null >/dev/null 2>&1 || exit 0
  echo "answers $(printf 'GET %s HTTP/1.0\\r\\nHost: node\\r\\n\\r\\n' "$path" | timeout 3 nc -w 2 "$address" "$2" 2>/dev/null | head -n 1 | cut -d " " -f 2)"
else
  echo blind
fi
exit 0`

/**
 * Waits until a node answers through it. One without any node that is fresh is as it should be all the same: it finds them when they are back.
 * @throws AppError WAIT_STALLED when it takes no connection, or when a node behind it is fresh and does not answer through it
 */
export async function waitUntilAnswers({ args }: StepOf<"balancer.answers">, { deployment }: Run): Promise<string> {
  const { topology, fleet, clock } = deployment
  const container = containerName(topology, args.service)
  const { port, path, behind, nodes } = doorOf(topology, balancerOf(topology, args.service))
  let opened: number | undefined
  // One that opens and ends again and again gains nothing by it.
  const progress = () => (opened === undefined ? "" : "open")
  return waitFor(deployment, {
    what: `${args.service} to answer`,
    stallMs: START_STALL_MS,
    pollMs: 500,
    interruptible: true,
    hint: `look at its log (gonka-ha logs ${args.service}) and at its way to the nodes (gonka-ha doctor network); gonka-ha rollback brings the files before back`,
    look: async () => {
      const { stdout } = await fleet
        .host(args.host)
        .run(["sh", "-c", KNOCK, "knock", container, String(port), path], { timeoutMs: KNOCK_TIMEOUT_MS })
      const said = new Map(stdout.split("\n").map((line) => [line.split(" ")[0] ?? "", line.split(" ")[1] ?? ""]))
      const status = said.get("status") ?? "unknown"
      if (status !== "running") return { done: false, progress: progress(), now: `${container} is ${status}` }
      if (said.has("blind")) return { done: true, value: `runs; ${args.host} has neither bash nor nc to ask it` }
      if (!said.has("answers")) return { done: false, progress: progress(), now: "it runs, and takes no connection yet" }
      if (said.get("answers") === "200") return { done: true, value: `answers, and so does ${behind} behind it` }
      opened ??= clock.monoMs()
      const open = { done: false as const, progress: progress() }
      if (clock.monoMs() - opened < BEHIND_MS) return { ...open, now: `it takes connections, and ${behind} behind it does not answer yet` }
      const [fresh] = await freshOf(deployment, nodes)
      if (fresh === undefined) return { done: true, value: `takes connections; ${behind} behind it does not answer yet, and none is fresh` }
      return { ...open, now: `it takes connections, and ${fresh}, which is fresh, does not answer through it` }
    },
  })
}

const RESTART_TIMEOUT_MS = 60_000

export async function restartBalancer({ args }: StepOf<"balancer.restart">, run: Run): Promise<string> {
  const { topology, fleet } = run.deployment
  const container = containerName(topology, args.service)
  const result = await fleet
    .host(args.host)
    .run(["sh", "-c", 'docker restart "$1"', "restart-balancer", container], { timeoutMs: RESTART_TIMEOUT_MS })
  if (result.code === 0) return `${container} restarted`
  throw new AppError("ENGINE", EXIT.halfWay, `${container} on ${args.host} could not be restarted: ${result.stderr.trim()}`)
}

async function freshOf(deployment: Deployment, names: readonly string[]): Promise<readonly string[]> {
  if (names.length === 0) return []
  const observed = await collect(deployment)
  return names.filter((name) => healthOf(observed, name, deployment.topology.policy).verdict === "fresh")
}

function balancerOf(topology: Topology, service: string): Balancer {
  const balancer = balancersOf(topology).find(({ name }) => serviceName.balancer(name) === service)
  if (!balancer) throw new Error(`the plan names ${service}, which is no load balancer`)
  return balancer
}

type Door = {
  readonly port: number
  readonly path: string
  /** What is behind it, in an operator's words, and the nodes that answer to that path. */
  readonly behind: string
  readonly nodes: readonly string[]
}

/** Its own word on what is behind it is believed last: it takes every server for well that it has not asked yet, and knows none of gRPC. */
function doorOf({ apis, edges }: Topology, { kind, name }: Balancer): Door {
  if (kind === "api") {
    const nodes = apis.find((api) => api.name === name)?.upstreams ?? []
    return { port: API_LISTEN_PORT.rpc, path: "/health", behind: "a node", nodes }
  }
  const { rpc = [], rest = [] } = edges.find((edge) => edge.name === name)?.sentries ?? {}
  const at = { port: EDGE_LISTEN_PORT.http, behind: "a sentry" }
  return rpc.length > 0 ? { ...at, path: `${EDGE_PREFIX.rpc}health`, nodes: rpc } : { ...at, path: "/health", nodes: rest }
}
