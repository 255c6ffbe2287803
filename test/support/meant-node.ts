import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect } from "vitest"
import { insidePort, layout } from "../../src/core/render/layout.ts"
import { type ChainNode, hostOf } from "../../src/core/topology.ts"
import { identityOfSeed, parseSoftsign } from "../../src/edge/ed25519.ts"
import type { InstalledGolden } from "./installed-golden.ts"

/** The ports that a node opens inside of its container, sorted. */
export function meantPorts({ candidateOf, services }: ChainNode): readonly number[] {
  const always = [insidePort.p2p, insidePort.rpc]
  const ifCandidate = candidateOf.length > 0 ? [insidePort.privval] : []
  const ifServed = (["rest", "grpc"] as const).filter((name) => services.includes(name)).map((name) => insidePort[name])
  return [...always, ...ifCandidate, ...ifServed].sort((a, b) => a - b)
}

/** What the topology means for a node that runs, said without the renderer. */
export function meantNode(golden: InstalledGolden, node: ChainNode) {
  const { topology } = golden
  const host = hostOf(topology, node.host)
  const own = `tcp://0.0.0.0:${insidePort.p2p}`
  return {
    info: {
      id: node.id,
      listen_addr: node.role === "sentry" ? `${host.publicAddress ?? host.privateAddress}:${node.ports.p2p}` : own,
      network: topology.chain.id,
      moniker: `${topology.deployment}-${node.name}`,
      other: { tx_index: node.indexer === "kv" ? "on" : "off", rpc_address: `tcp://0.0.0.0:${insidePort.rpc}` },
    },
    // The connection to the parking signer shows in its key; other nodes have a random one of their own.
    signingKey: node.candidateOf.length > 0 ? parkingKey(golden, node) : expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
    ports: meantPorts(node),
    rest: node.services.includes("rest") ? "application/json" : "",
    grpc: node.services.includes("grpc") ? "application/grpc" : "",
  }
}

function parkingKey(golden: InstalledGolden, node: ChainNode): string {
  const path = join(golden.dir, node.host, layout.secrets.parking(node.name), "consensus.key")
  return identityOfSeed(parseSoftsign(path, readFileSync(path, "utf8"))).pubkeyBase64
}
