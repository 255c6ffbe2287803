import { reasonOf } from "../core/errors.ts"
import { clockOffset } from "../core/observe/host-facts.ts"
import { parseProbe } from "../core/observe/parse-probe.ts"
import { type HostSeen, type NodeSeen, type Observed, type Reading, type SlashingSeen, seen, unknown } from "../core/observe/state.ts"
import { harmless } from "../core/printable.ts"
import { marksName } from "../core/render/layout.ts"
import { type ChainNode, type Host, hostOf, type Topology, type Validator } from "../core/topology.ts"
import { rpcOf, SHORT_RPC_TIMEOUT_MS } from "./chain.ts"
import type { Deployment } from "./deployment.ts"
import { quarantineReturned } from "./quarantine.ts"

const PROBE_TIMEOUT_MS = 8000

type Eyes = Pick<Deployment, "topology" | "fleet" | "clock" | "probeScript" | "operator" | "report">

/**
 * One look at everything, all hosts at once. What cannot be seen is unknown with its reason; one bad host never spoils the rest.
 * @param before a look of a moment ago: a node that gave no answer then is not waited for as long again
 */
export async function collect(eyes: Eyes, before?: Observed): Promise<Observed> {
  const { topology, clock } = eyes
  const [hosts, nodes] = await Promise.all([
    readHosts(eyes),
    Promise.all(topology.nodes.map(async (node) => [node.name, await readNode(eyes, node, before)] as const)),
  ])
  const atMs = clock.wallMs()
  const nodeMap = new Map(nodes)
  const slashing = await Promise.all(
    topology.validators.map(async (validator) => [validator.name, await readSlashing(eyes, nodeMap, validator)] as const),
  )
  return { atMs, hosts, nodes: nodeMap, slashing: new Map(slashing) }
}

/** What was seen on a host whose signer was replaced is only shown after that signer was fenced. */
async function readHosts(eyes: Eyes): Promise<ReadonlyMap<string, Reading<HostSeen>>> {
  const { topology } = eyes
  const hosts = new Map(await Promise.all(topology.hosts.map(async (host) => [host.name, await readHost(eyes, host)] as const)))
  await quarantineReturned(eyes, hosts, (name) => readHost(eyes, hostOf(topology, name)))
  return hosts
}

export async function readHost({ topology, fleet, clock, probeScript }: Eyes, host: Host): Promise<Reading<HostSeen>> {
  return reading(async () => {
    const access = fleet.host(host.name)
    const askedMs = clock.wallMs()
    const [{ probe, answeredMs }, containers] = await Promise.all([
      access
        .run(["sh", "-s", "--", topology.dir], { stdin: probeScript, timeoutMs: PROBE_TIMEOUT_MS })
        .then((answer) => ({ probe: answer, answeredMs: clock.wallMs() })),
      access.containers(),
    ])
    if (probe.code !== 0) throw new Error(`the probe failed: ${probe.stderr.trim()}`)
    const facts = parseProbe(harmless(probe.stdout), marked(topology))
    return { ...facts, clock: clockOffset(facts.clock, askedMs, answeredMs), containers }
  })
}

/** Every validator by the name of its marks. */
function marked(topology: Topology): ReadonlyMap<string, string> {
  return new Map(topology.validators.map((validator) => [marksName(topology, validator), validator.name]))
}

async function readNode({ fleet, clock }: Eyes, node: ChainNode, before: Observed | undefined): Promise<Reading<NodeSeen>> {
  const wasSilent = before?.nodes.get(node.name)?.kind === "unknown"
  return reading(() => rpcOf(fleet, node, wasSilent ? SHORT_RPC_TIMEOUT_MS : undefined).look(clock))
}

/** Asked of the node that is furthest; any other would tell an older story. */
async function readSlashing(
  { topology, fleet }: Eyes,
  nodes: ReadonlyMap<string, Reading<NodeSeen>>,
  validator: Validator,
): Promise<Reading<SlashingSeen>> {
  const best = topology.nodes
    .flatMap((node) => {
      const reading = nodes.get(node.name)
      return reading?.kind === "seen" && reading.value.height > 0 ? [{ node, height: reading.value.height }] : []
    })
    .sort((a, b) => b.height - a.height)[0]
  if (!best) return unknown("no node answers")
  return reading(() => rpcOf(fleet, best.node).slashing(validator))
}

async function reading<T>(look: () => Promise<T>): Promise<Reading<T>> {
  try {
    return seen(await look())
  } catch (error) {
    return unknown(reasonOf(error))
  }
}
