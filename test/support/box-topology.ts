import type { ChainNode, Topology } from "../../src/core/topology.ts"
import { aTopology } from "./observed.ts"

/** One SSH host called `box`, and no node whose ports would have to be forwarded unless some are given. */
export function aBoxTopology(config: string, rpcPorts: readonly number[] = [], withSudo = false): Topology {
  const id = "1".repeat(40)
  return aTopology({
    hosts: [
      {
        name: "box",
        connection: { kind: "ssh", target: "box", config, ...(withSudo ? { sudo: true } : {}) },
        privateAddress: "127.0.0.1",
        publicAddress: undefined,
        provider: undefined,
        site: undefined,
        rack: undefined,
      },
    ],
    nodes: rpcPorts.map((rpc, index) => aNode({ name: `node-${index + 1}`, host: "box", id, rpc })),
    validators: [],
  })
}

function aNode({
  name,
  host,
  id,
  rpc,
}: {
  readonly name: string
  readonly host: string
  readonly id: string
  readonly rpc: number
}): ChainNode {
  return {
    name,
    role: "private",
    host,
    id,
    ports: { p2p: 26656, rpc, rest: 1317, grpc: 9090, privval: 26658 },
    candidateOf: [],
    privvalMoves: 0,
    publicServices: [],
    services: [],
    readBy: [],
    snapshots: undefined,
    pruning: { keepStates: 100, intervalBlocks: 10, keepBlocks: 0 },
    bootstrap: "genesis",
    indexer: "null",
    resources: { memory: undefined, cpus: undefined },
    patches: { config: {}, app: {} },
  }
}
