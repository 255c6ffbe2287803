import { parse as parseToml } from "smol-toml"
import { expect } from "vitest"
import { parse as parseYaml } from "yaml"
import { z } from "zod"
import { exposureOn } from "../../src/core/exposure/exposure-of.ts"
import type { FileSet } from "../../src/core/render/fileset.ts"
import { balancersOf, type ChainNode, hostOf, nodeOf, serviceName, type Topology } from "../../src/core/topology.ts"

const cometSchema = z.object({
  moniker: z.string(),
  priv_validator_laddr: z.string(),
  p2p: z.object({ persistent_peers: z.string(), private_peer_ids: z.string(), unconditional_peer_ids: z.string(), pex: z.boolean() }),
})

const composeSchema = z.object({
  name: z.string(),
  services: z.record(z.string(), z.object({ container_name: z.string(), ports: z.array(z.string()).optional() })),
})

/** What the files say when they are read back, against what the topology means; every difference is a failure of the test. */
export function expectFilesToSay(topology: Topology, files: FileSet): void {
  expect([...files.keys()]).toEqual(topology.hosts.map((host) => host.name))
  for (const host of topology.hosts) expectHostToSay(topology, files, host.name)
  for (const node of topology.nodes) expectNodeToSay(topology, files, node)
  for (const validator of topology.validators) {
    for (const candidate of validator.candidates) {
      const text = contentOf(files, validator.signerHost, `signers/${validator.name}/config/tmkms-${candidate}.toml`)
      const node = nodeOf(topology, candidate)
      expect(tomlOf(text)).toMatchObject({
        validator: [{ chain_id: topology.chain.id, addr: `tcp://${hostOf(topology, node.host).privateAddress}:${node.ports.privval}` }],
      })
    }
  }
}

/** Services and bound ports are compared whole: a signer that ran twice or a private node that was seen from outside would show. */
function expectHostToSay(topology: Topology, files: FileSet, host: string): void {
  const { services } = composeSchema.parse(yamlOf(contentOf(files, host, "compose.yaml")))
  const nodes = topology.nodes.filter((node) => node.host === host)
  const names = [
    ...nodes.flatMap((node) => [node.name, ...(node.candidateOf.length > 0 ? [serviceName.parking(node.name)] : [])]),
    ...topology.validators.filter(({ signerHost }) => signerHost === host).map(({ name }) => serviceName.signer(name)),
    ...balancersOf(topology)
      .filter((balancer) => balancer.host === host)
      .map(({ name }) => serviceName.balancer(name)),
  ]
  const open = exposureOn(topology, host)
  expect({
    services: Object.keys(services).sort(),
    bound: Object.values(services)
      .flatMap(({ ports }) => ports ?? [])
      .map((line) => line.split(":").slice(0, 2).join(":"))
      .sort(),
  }).toEqual({ services: names.sort(), bound: open.map(({ address, port }) => `${address}:${port}`).sort() })
  const own = [hostOf(topology, host).privateAddress, "127.0.0.1"]
  for (const node of nodes.filter(({ role }) => role === "private")) {
    const outside = (services[node.name]?.ports ?? []).filter((line) => !own.includes(line.split(":")[0] ?? ""))
    if (outside.length > 0) throw new Error(`the private node ${node.name} is seen from outside: ${outside.join(", ")}`)
  }
}

function expectNodeToSay(topology: Topology, files: FileSet, node: ChainNode): void {
  const config = cometSchema.parse(tomlOf(contentOf(files, node.host, `nodes/${node.name}/config/config.toml`)))
  const others = topology.nodes.filter((other) => other.name !== node.name)
  const dialled = others.map((other) => `${other.id}@${hostOf(topology, other.host).privateAddress}:${other.ports.p2p}`)
  const isSentry = node.role === "sentry"
  expect({ ...config, priv_validator_laddr: config.priv_validator_laddr !== "" }).toEqual({
    moniker: `${topology.deployment}-${node.name}`,
    priv_validator_laddr: node.candidateOf.length > 0,
    p2p: {
      pex: isSentry,
      persistent_peers: [...dialled, ...(isSentry ? topology.chain.peers : [])].join(","),
      unconditional_peer_ids: others.map((other) => other.id).join(","),
      private_peer_ids: isSentry ? topology.nodes.flatMap(({ role, id }) => (role === "private" ? [id] : [])).join(",") : "",
    },
  })
  tomlOf(contentOf(files, node.host, `nodes/${node.name}/config/app.toml`))
}

/** Different topologies have many files in common, and each text is read once. */
function readOnce(read: (text: string) => unknown): (text: string) => unknown {
  const known = new Map<string, unknown>()
  return (text) => {
    if (!known.has(text)) known.set(text, read(text))
    return known.get(text)
  }
}

const yamlOf = readOnce((text) => parseYaml(text, { version: "1.1" }))
const tomlOf = readOnce((text) => parseToml(text))

function contentOf(files: FileSet, host: string, path: string): string {
  const file = files.get(host)?.files.find((candidate) => candidate.path === path)
  if (!file) throw new Error(`${host} has no ${path}`)
  return file.content
}
