import type { Topology } from "../../src/core/topology.ts"
import { aTopology } from "./observed.ts"

/** One SSH host called `box`, and no node whose ports would have to be forwarded unless some are given. */
export function aBoxTopology(config: string, rpcPorts: readonly number[] = []): Topology {
  const id = "1".repeat(40)
  return aTopology({
    hosts: [{ name: "box", connection: { kind: "ssh", target: "box", config }, privateAddress: "127.0.0.1", publicAddress: undefined }],
    nodes: rpcPorts.map((rpc, index) => ({
      name: `node-${index + 1}`,
      role: "private",
      host: "box",
      id,
      ports: { p2p: 26656, rpc, privval: 26658 },
      candidateOf: [],
    })),
    validators: [],
  })
}
