import { createHash } from "node:crypto"

const NODES_PER_HOST = 10
const NODES_PER_SENTRY = 5
const NODES_PER_VALIDATOR = 10
const SIGNERS_PER_HOST = 10
const PORT_STRIDE = 100

/** A deployment of so many nodes as a person would write it: one sentry per five nodes, ten nodes a host, one validator per ten nodes. */
export function scaledSpec(nodes: number): string {
  const sentries = Math.ceil(nodes / NODES_PER_SENTRY)
  const privates = nodes - sentries
  const validators = Math.ceil(nodes / NODES_PER_VALIDATOR)
  const [sentryHosts, privateHosts, signerHosts] = [hostsFor(sentries), hostsFor(privates), Math.ceil(validators / SIGNERS_PER_HOST)]
  return [
    HEAD,
    "hosts:",
    ...range(sentryHosts).map((index) => `  ${hostLine("sen", 1, index)}, public: 203.0.${Math.floor(index / 250)}.${(index % 250) + 1} }`),
    ...range(privateHosts).map((index) => `  ${hostLine("val", 2, index)} }`),
    ...range(signerHosts).map((index) => `  ${hostLine("sig", 3, index)} }`),
    "sentries:",
    ...range(sentries).map((index) => {
      const snapshots = index < 2 ? ", snapshots: { interval: 1000, keep: 2 }" : ""
      return `  sentry-${index + 1}: { host: sen-${(index % sentryHosts) + 1}, ${portsOf(index, sentryHosts)}${snapshots} }`
    }),
    "private:",
    ...range(privates).map((index) => `  node-${index + 1}: { host: val-${(index % privateHosts) + 1}, ${portsOf(index, privateHosts)} }`),
    "validators:",
    ...range(validators).flatMap((index) => validatorLines(index, privates, signerHosts)),
    "",
  ].join("\n")
}

/** Two at least: what is lost with one host is not what is measured here. */
function hostsFor(nodes: number): number {
  return Math.max(2, Math.ceil(nodes / NODES_PER_HOST))
}

function hostLine(kind: string, network: number, index: number): string {
  const provider = index % 2 === 0 ? "one" : "two"
  return `${kind}-${index + 1}: { ssh: root@${kind}-${index + 1}, private: 10.${network}.${Math.floor(index / 250)}.${(index % 250) + 1}, provider: ${provider}, site: ${kind}-${index + 1}`
}

function portsOf(index: number, hosts: number): string {
  const by = Math.floor(index / hosts) * PORT_STRIDE
  return `ports: { p2p: ${26656 + by}, rpc: ${26657 + by}, rest: ${1317 + by}, grpc: ${9090 + by}, privval: ${26658 + by} }`
}

function validatorLines(index: number, privates: number, signerHosts: number): readonly string[] {
  const candidates = range(3).map((offset) => `node-${((index * 3 + offset) % privates) + 1}`)
  return [
    `  validator-${index + 1}:`,
    `    candidates: [${candidates.join(", ")}]`,
    `    firstActive: ${candidates[0]}`,
    // Only its form counts here.
    `    pubkey: ${createHash("sha256")
      .update(`validator-${index + 1}`)
      .digest("base64")}`,
    `    signer: { host: sig-${(index % signerHosts) + 1} }`,
  ]
}

function range(length: number): readonly number[] {
  return Array.from({ length }, (_, index) => index)
}

const image = (name: string, digit: string) => `example/${name}@sha256:${digit.repeat(64)}`

const HEAD = `apiVersion: gonka-ha/v1
name: bench
profile: gonka-mainnet
chain:
  genesis:
    rpc: ["https://rpc.one.example/chain-rpc/", "https://rpc.two.example/chain-rpc/"]
images:
  node: ${image("node", "1")}
  tmkms: ${image("tmkms", "2")}
  haproxy: ${image("haproxy", "3")}`
