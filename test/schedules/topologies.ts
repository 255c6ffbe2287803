import type { Topology } from "../../src/core/topology.ts"
import { goldenTopology } from "../support/golden-topology.ts"

const OTHER_KEY = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="

function spec(candidates: readonly string[], validators: readonly string[], blockTime: string): string {
  const hosts = candidates.map((_, index) => `  val-${index + 1}: { ssh: root@val-${index + 1}, private: 10.0.0.${21 + index} }`)
  const signers = validators.map((_, index) => `  sig-${index + 1}: { ssh: root@sig-${index + 1}, private: 10.0.0.${31 + index} }`)
  const nodes = candidates.map((name, index) => `  ${name}: { host: val-${index + 1} }`)
  const keys = ["XfWbGaVKGDe2iJlrVfVFmGTMtqCdnTeVyZPZNUEf0jE=", OTHER_KEY]
  const parts = validators.map(
    (name, index) => `  ${name}:
    candidates: [${candidates.join(", ")}]
    firstActive: ${candidates[index]}
    pubkey: ${keys[index]}
    signer: { host: sig-${index + 1} }`,
  )
  return `apiVersion: gonka-ha/v1
name: lab
profile: devnet
chain:
  id: lab-1
  blockTime: ${blockTime}
  genesis:
    rpc: ["http://10.1.0.1:26657", "http://10.1.0.2:26657"]
  peers: ["1111111111111111111111111111111111111111@10.1.0.1:26656"]
images:
  node: node:1
  tmkms: tmkms:1
hosts:
  sen-1: { ssh: root@sen-1, private: 10.0.0.11, public: 203.0.113.11 }
  sen-2: { ssh: root@sen-2, private: 10.0.0.12, public: 203.0.113.12 }
${[...hosts, ...signers].join("\n")}
sentries:
  sentry-1: { host: sen-1 }
  sentry-2: { host: sen-2 }
private:
${nodes.join("\n")}
validators:
${parts.join("\n")}
`
}

const SHAPES = {
  pair: () => spec(["node-1", "node-2"], ["main"], "5s"),
  trio: () => spec(["node-1", "node-2", "node-3"], ["main"], "5s"),
  quick: () => spec(["node-1", "node-2"], ["main"], "1s"),
  shared: () => spec(["node-1", "node-2", "node-3"], ["main", "second"], "5s"),
} as const

export type Shape = keyof typeof SHAPES

const made = new Map<Shape, Topology>()

/** Two validators may share the candidates; blocks come every five seconds, or every second. */
export function topologyOf(shape: Shape): Topology {
  const topology = made.get(shape) ?? goldenTopology(SHAPES[shape]())
  made.set(shape, topology)
  return topology
}
