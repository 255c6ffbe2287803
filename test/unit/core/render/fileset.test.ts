import { parse as parseToml } from "smol-toml"
import { describe, expect, it } from "vitest"
import { parse as parseYaml } from "yaml"
import { z } from "zod"
import { type FileSet, renderFiles } from "../../../../src/core/render/fileset.ts"
import { insidePort } from "../../../../src/core/render/layout.ts"
import { hostOf, nodeOf, type Topology } from "../../../../src/core/topology.ts"
import { sha256 } from "../../../../src/edge/sha256.ts"
import { goldenSpec, goldenSpecs } from "../../../support/golden-specs.ts"
import { fixedNodeId, goldenTopology } from "../../../support/golden-topology.ts"
import { realScripts } from "../../../support/scripts.ts"

const scripts = realScripts()
const golden = (name: string) => goldenTopology(...goldenSpec(name).texts)

function contentOf(files: FileSet, host: string, path: string): string {
  const file = files.get(host)?.files.find((candidate) => candidate.path === path)
  if (!file) throw new Error(`${host} has no ${path}`)
  return file.content
}

const cometSchema = z.object({
  moniker: z.string(),
  priv_validator_laddr: z.string(),
  p2p: z.object({
    external_address: z.string(),
    seeds: z.string(),
    persistent_peers: z.string(),
    unconditional_peer_ids: z.string(),
    private_peer_ids: z.string(),
    pex: z.boolean(),
  }),
})

const composeSchema = z.object({
  services: z.record(z.string(), z.looseObject({ labels: z.record(z.string(), z.string()) })),
})

const list = (text: string) => text.split(",").filter((item) => item !== "")

describe.each(goldenSpecs().map(({ name }) => name))("the nodes of %s", (name) => {
  const topology = golden(name)
  const files = renderFiles(topology, scripts, sha256)
  const configOf = (node: { readonly name: string; readonly host: string }) =>
    cometSchema.parse(parseToml(contentOf(files, node.host, `nodes/${node.name}/config/config.toml`)))
  const peer = (node: Topology["nodes"][number]) =>
    `${fixedNodeId(node.name)}@${hostOf(topology, node.host).privateAddress}:${node.ports.p2p}`
  const sentries = topology.nodes.filter((node) => node.role === "sentry")
  const privates = topology.nodes.filter((node) => node.role === "private")

  it.each(sentries)("sentry $name hides every private node and never drops one", (sentry) => {
    const { p2p, priv_validator_laddr } = configOf(sentry)
    const others = topology.nodes.filter((node) => node !== sentry)
    expect(list(p2p.private_peer_ids).sort()).toEqual(privates.map((node) => fixedNodeId(node.name)).sort())
    expect(list(p2p.unconditional_peer_ids).sort()).toEqual(others.map((node) => fixedNodeId(node.name)).sort())
    expect(list(p2p.persistent_peers).sort()).toEqual([...others.map(peer), ...topology.chain.peers].sort())
    expect(p2p.pex).toBe(true)
    expect(p2p.seeds).toBe(topology.chain.seeds.join(","))
    expect(p2p.external_address).toBe(
      `${hostOf(topology, sentry.host).publicAddress ?? hostOf(topology, sentry.host).privateAddress}:${sentry.ports.p2p}`,
    )
    expect(priv_validator_laddr).toBe("")
  })

  it.each(privates)("private node $name knows the sentries and its siblings and nobody else", (node) => {
    const { p2p, priv_validator_laddr } = configOf(node)
    const others = topology.nodes.filter((other) => other !== node)
    expect(list(p2p.persistent_peers).sort()).toEqual(others.map(peer).sort())
    expect(list(p2p.unconditional_peer_ids).sort()).toEqual(others.map((other) => fixedNodeId(other.name)).sort())
    expect({ pex: p2p.pex, seeds: p2p.seeds, external: p2p.external_address }).toEqual({ pex: false, seeds: "", external: "" })
    expect(priv_validator_laddr).toBe(node.candidateOf.length > 0 ? `tcp://0.0.0.0:${insidePort.privval}` : "")
  })

  it("publishes RPC on loopback, and beyond it only where somebody reads it; privval on the private address", () => {
    for (const host of topology.hosts) {
      const compose = z
        .object({ services: z.record(z.string(), z.object({ ports: z.array(z.string()).optional() })) })
        .parse(parseYaml(contentOf(files, host.name, "compose.yaml")))
      for (const [service, { ports = [] }] of Object.entries(compose.services)) {
        const node = topology.nodes.find((candidate) => candidate.name === service)
        const addressesOf = (inside: number) => ports.filter((port) => port.endsWith(`:${inside}`)).map((port) => port.split(":")[0])
        if (!node) {
          // What load balancers publish has a test of its own.
          if (!service.endsWith("-balancer")) expect(ports).toEqual([])
          continue
        }
        const read = (name: "rpc" | "rest" | "grpc") => (node.services.includes(name) ? [host.privateAddress] : [])
        expect(addressesOf(insidePort.rpc)).toEqual(["127.0.0.1", ...read("rpc")])
        expect(addressesOf(insidePort.rest)).toEqual(read("rest"))
        expect(addressesOf(insidePort.grpc)).toEqual(read("grpc"))
        expect(addressesOf(insidePort.privval)).toEqual(node.candidateOf.length > 0 ? [host.privateAddress] : [])
        expect(addressesOf(insidePort.p2p)).toEqual([node.role === "sentry" ? "0.0.0.0" : host.privateAddress])
      }
    }
  })

  it("gets the scripts as they are", () => {
    for (const node of topology.nodes)
      expect(contentOf(files, node.host, `nodes/${node.name}/config/start-node.sh`)).toBe(scripts.startNode)
    for (const validator of topology.validators) {
      expect(contentOf(files, validator.signerHost, `signers/${validator.name}/config/guard.sh`)).toBe(scripts.guard)
    }
  })

  it("renders the same bytes every time", () => {
    expect(renderFiles(golden(name), scripts, sha256)).toEqual(files)
  })
})

describe("a signer's configuration", () => {
  const topology = golden("ha-2-devnet")
  const files = renderFiles(topology, scripts, sha256)

  it("dials each candidate on its private address, with a state that stays where it is", () => {
    const schema = z.object({ chain: z.array(z.object({ state_file: z.string() })), validator: z.array(z.object({ addr: z.string() })) })
    const seen = ["node-1", "node-2"].map((node) =>
      schema.parse(parseToml(contentOf(files, "sig-1", `signers/main/config/tmkms-${node}.toml`))),
    )
    expect(seen.map(({ validator }) => validator.map(({ addr }) => addr))).toEqual([["tcp://10.0.0.21:26658"], ["tcp://10.0.0.22:26658"]])
    for (const { chain } of seen) expect(chain).toEqual([{ state_file: "/gonka-ha/state/priv_validator_state.json" }])
  })

  it("pins the key and tells the parking signers which keys they may not have", () => {
    const [main] = topology.validators
    expect(contentOf(files, "sig-1", "signers/main/config/settings")).toContain(`pubkey=${main?.pubkey}\n`)
    expect(contentOf(files, "val-1", "nodes/node-1/parking/config/settings")).toContain(`validator_pubkeys=${main?.pubkey}\n`)
  })
})

describe("Compose settings of the operator", () => {
  const patched = (patch: Readonly<Record<string, unknown>>) => {
    const topology = golden("ha-2")
    const files = renderFiles({ ...topology, composePatches: new Map([["node-1", patch]]) }, scripts, sha256)
    const text = contentOf(files, nodeOf(topology, "node-1").host, "compose.yaml")
    return { text, service: composeSchema.parse(parseYaml(text, { version: "1.1" })).services["node-1"] }
  }

  it("mean what they say: Compose puts nothing in the place of a dollar sign", () => {
    const { text, service } = patched({
      environment: { A: `$HOME \${X:-y} $$`, B: "$&" },
      healthcheck: { test: ["CMD-SHELL", "echo $((1+1))"] },
    })
    expect(service).toMatchObject({
      environment: { A: `$$HOME $\${X:-y} $$$$`, B: "$$&" },
      healthcheck: { test: ["CMD-SHELL", "echo $$((1+1))"] },
    })
    // Every run of dollar signs is an even one, also in what gonka-ha itself has written.
    expect((text.match(/\$+/g) ?? []).filter((signs) => signs.length % 2 === 1)).toEqual([])
  })

  it("keep labels that are written as a list, beside gonka-ha's own and below them", () => {
    const asMap = { team: "chain", empty: "", "a.b": "c=d" }
    const asList = patched({ labels: ["team=chain", "empty", "a.b=c=d", "io.gonka-ha.role=sentry"] }).service?.labels
    expect(asList).toMatchObject({ ...asMap, "io.gonka-ha.role": "private", "io.gonka-ha.service": "node-1" })
    const { "io.gonka-ha.digest": _, ...labels } = patched({ labels: { ...asMap, empty: null } }).service?.labels ?? {}
    expect(asList).toMatchObject(labels)
  })
})

describe("digests", () => {
  const topology = golden("ha-2-devnet")
  const digestsOf = (changed: Topology, changedScripts = scripts) =>
    new Map([...renderFiles(changed, changedScripts, sha256).values()].flatMap((host) => [...host.serviceDigests]))
  const before = digestsOf(topology)
  const changedBy = (after: ReadonlyMap<string, string>) =>
    [...before.keys()].filter((service) => after.get(service) !== before.get(service)).sort()

  it("change with a script for the services that mount it", () => {
    expect(changedBy(digestsOf(topology, { ...scripts, guard: `${scripts.guard}#\n` }))).toEqual(["main-signer"])
    expect(changedBy(digestsOf(topology, { ...scripts, park: `${scripts.park}#\n` }))).toEqual(["node-1-parking", "node-2-parking"])
    expect(changedBy(digestsOf(topology, { ...scripts, startNode: `${scripts.startNode}#\n` }))).toEqual([
      "node-1",
      "node-2",
      "sentry-1",
      "sentry-2",
    ])
  })

  it("change with an image for the services that run it", () => {
    expect(changedBy(digestsOf({ ...topology, images: { ...topology.images, tmkms: "other:1" } }))).toEqual([
      "main-signer",
      "node-1-parking",
      "node-2-parking",
    ])
  })

  it("change with a peer for the sentries alone", () => {
    expect(changedBy(digestsOf({ ...topology, chain: { ...topology.chain, peers: [] } }))).toEqual(["sentry-1", "sentry-2"])
  })

  it("do not change with what no container sees", () => {
    const hosts = topology.hosts.map((host) => ({ ...host, connection: { kind: "ssh", target: "elsewhere" } as const }))
    const policy = { ...topology.policy, maxLagBlocks: 99 }
    const validators = topology.validators.map((validator) => ({ ...validator, firstActive: "node-2" }))
    expect(changedBy(digestsOf({ ...topology, hosts, policy, validators }))).toEqual([])
  })
})
