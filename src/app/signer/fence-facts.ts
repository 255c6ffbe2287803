import * as z from "zod"
import { AppError, EXIT, reasonOf } from "../../core/errors.ts"
import { fromKernel } from "../../core/observe/kernel-address.ts"
import { type Reading, seen, unknown } from "../../core/observe/state.ts"
import type { FenceFacts } from "../../core/plan/replace-fence.ts"
import { insidePort } from "../../core/render/layout.ts"
import { type ChainNode, containerName, hostOf, nodeOf, serviceName, type Validator } from "../../core/topology.ts"
import type { Deployment } from "../deployment.ts"

type Place = Pick<Deployment, "topology" | "fleet">

const RPC_TIMEOUT_MS = 3000

/** Prints `answers`, `silent` or `no ping`: only a ping that says that it has sent one, and that nothing came back, is silence. Argument: address. */
export const PING = `command -v ping >/dev/null 2>&1 || { echo "no ping"; exit 0; }
said=$(LC_ALL=C ping -c 1 -W 2 "$1" 2>&1) && { echo answers; exit 0; }
case $? in 1) case $said in *'1 packets transmitted'*) echo silent; exit 0 ;; esac ;; esac
echo "no ping"`

/**
 * Prints who is at a node's privval port, as the kernel has it: \`at\` and the far end of each connection; \`parking\` and the near end of each
 * connection of its parking signer. A published port keeps the address that it was dialled from. Arguments: node's container, its parking
 * signer's container, port inside the node in hexadecimal.
 */
export const AT_PORT = `set -u
proc=\${GONKA_HA_PROC:-/proc}
# Only an engine that says that there is no such container tells that nobody is in it.
process() {
  # An older docker prints an empty line for what is not there.
  if pid=$(docker inspect --format '{{.State.Pid}}' "$1" 2>/dev/null); then echo "$pid"; return; fi
  case $(docker inspect "$1" 2>&1) in *[Nn]'o such object'* | *[Nn]'o such container'*) echo 0 ;; *) return 1 ;; esac
}
docker version >/dev/null 2>&1 || { echo "the Docker engine does not answer" >&2; exit 1; }
node=$(process "$1") && parking=$(process "$2") || { echo "the Docker engine does not tell of $1 and $2" >&2; exit 1; }
tables() { cat "$proc/$1/net/tcp" && { cat "$proc/$1/net/tcp6" 2>/dev/null || true; }; }
if [ "$node" != 0 ]; then
  tables "$node" >/dev/null || { echo "connections of $1 cannot be read" >&2; exit 1; }
  tables "$node" | awk -v port="$3" '$4 == "01" { at = $2; sub(/.*:/, "", at); if (at == port) print "at\\t" substr($3, length($3) - 12) }'
fi
if [ "$parking" != 0 ]; then
  tables "$parking" 2>/dev/null | awk -v port="$3" '$4 == "01" { to = $3; sub(/.*:/, "", to); if (to == port) print "parking\\t" substr($2, length($2) - 12) }'
fi
echo end`

/** Everything that can be seen of a lost host without touching it. */
export async function fenceFacts(place: Place, validator: Validator, lost: string): Promise<FenceFacts> {
  const { topology } = place
  const candidates = validator.candidates.map((name) => nodeOf(topology, name)).filter((node) => node.host !== lost)
  const hosts = [...new Set(candidates.map(({ host }) => host))]
  const others = topology.nodes.filter(({ host }) => host !== lost)
  const [ssh, pings, strangers, peers] = await Promise.all([
    letsIn(place, lost),
    Promise.all(hosts.map(async (host) => [host, await ping(place, host, lost)] as const)),
    Promise.all(candidates.map(async (node) => [node.name, await reading(() => atPort(place, node))] as const)),
    Promise.all(others.map(async (node) => [node.name, await reading(() => peersOf(place, node))] as const)),
  ])
  return { ssh, pings: new Map(pings), strangers: new Map(strangers), peers: new Map(peers) }
}

async function letsIn({ fleet }: Place, host: string): Promise<FenceFacts["ssh"]> {
  try {
    await fleet.host(host).run(["sh", "-c", ":", "answers"], { anew: true })
    return { kind: "answers" }
  } catch (error) {
    if (error instanceof AppError && error.answers) return { kind: "answers" }
    if (error instanceof AppError && error.code === "HOST_UNREACHABLE") return { kind: "silent", reason: reasonOf(error) }
    throw error
  }
}

async function ping({ topology, fleet }: Place, from: string, lost: string): Promise<boolean | undefined> {
  try {
    const { stdout } = await fleet.host(from).run(["sh", "-c", PING, "ping", hostOf(topology, lost).privateAddress])
    return stdout.trim() === "answers" ? true : stdout.trim() === "silent" ? false : undefined
  } catch {
    return undefined
  }
}

async function atPort({ topology, fleet }: Place, node: ChainNode): Promise<readonly string[]> {
  const container = (service: string) => containerName(topology, service)
  const port = insidePort.privval.toString(16).toUpperCase().padStart(4, "0")
  const argv = ["sh", "-c", AT_PORT, "at-port", container(serviceName.node(node.name)), container(serviceName.parking(node.name)), port]
  const { code, stdout, stderr } = await fleet.host(node.host).run(argv)
  const rows = stdout.split("\n").map((row) => row.split("\t"))
  if (code !== 0 || !rows.some(([kind]) => kind === "end"))
    throw new AppError("REMOTE_COMMAND", EXIT.unreachable, stderr.trim() || "the answer of its host is cut short")
  const ends = (kind: string) => rows.flatMap(([first, end = ""]) => (first === kind ? [fromKernel(end)] : []))
  const parking = new Set(ends("parking"))
  return ends("at").filter((remote) => !parking.has(remote))
}

const peersAnswer = z.object({ peers: z.array(z.object({ remote_ip: z.string() })) })

async function peersOf({ fleet }: Place, node: ChainNode): Promise<readonly string[]> {
  const answer = peersAnswer.safeParse(await fleet.host(node.host).rpc(node.ports.rpc, "/net_info", RPC_TIMEOUT_MS))
  if (!answer.success) throw new AppError("RPC", EXIT.unreachable, "RPC /net_info: the answer has an unknown form")
  return answer.data.peers.map(({ remote_ip }) => remote_ip)
}

async function reading<T>(look: () => Promise<T>): Promise<Reading<T>> {
  try {
    return seen(await look())
  } catch (error) {
    return unknown(reasonOf(error))
  }
}
