import fc from "fast-check"
import { sha256 } from "../../src/edge/sha256.ts"
import type { SpecMap } from "./spec-map.ts"

/** What a spec without deliberate mistakes is made of: few numbers and yes or no, so that what fails shrinks to what matters. */
const choices = fc.record({
  sentries: fc.constantFrom(1, 1, 2),
  privates: fc.constantFrom(1, 1, 2),
  validators: fc.constantFrom(1, 1, 2),
  sentriesAsGroup: fc.boolean(),
  privatesAsGroup: fc.boolean(),
  candidatesAsMap: fc.boolean(),
  profile: fc.constantFrom("devnet", "gonka-mainnet", "gonka-testnet"),
  snapshots: fc.constantFrom(undefined, true, false, { interval: 500 }, { interval: 2000, keep: 5 }),
  bootstrap: fc.constantFrom(undefined, "network", "sentries"),
  isPublic: fc.boolean(),
  hasApi: fc.boolean(),
  hasEdge: fc.boolean(),
  patch: fc.constantFrom(
    undefined,
    { config: { p2p: { send_rate: 1_000_000 }, log_level: "error" } },
    { app: { "iavl-cache-size": 1000, telemetry: { enabled: true } } },
  ),
  compose: fc.constantFrom(
    undefined,
    { environment: { B: "2", A: "1" }, sysctls: { "net.core.somaxconn": 1024 } },
    { labels: { "com.example.team": "ops" }, cpu_shares: 512 },
  ),
  extra: fc.constantFrom(undefined, { note: ["by hand", { any: "thing" }] }),
  isSuppressed: fc.boolean(),
})

export const soundSpec: fc.Arbitrary<SpecMap> = choices.map((chosen) => {
  const names = { sentry: numbered("sentry", chosen.sentries), node: numbered("node", chosen.privates) }
  const hosts = [
    ...names.sentry.map((_, index) => hostEntry("sen", index, 1)),
    ...names.node.map((_, index) => hostEntry("val", index, 2)),
    hostEntry("sig", 0, 3),
  ]
  // On Gonka's networks private nodes begin at a snapshot of the sentries, so there has to be one.
  const snapshots = chosen.profile === "devnet" ? chosen.snapshots : chosen.snapshots || true
  return compact({
    apiVersion: "gonka-ha/v1",
    name: "random",
    profile: chosen.profile,
    chain: compact({
      id: chosen.profile === "devnet" ? "random-1" : undefined,
      genesis: { rpc: ["http://10.9.0.1:26657", "https://rpc.two.example/chain-rpc/"] },
      peers: [`${"a".repeat(40)}@10.9.0.1:26656`],
    }),
    images: { node: `node@sha256:${"1".repeat(64)}`, tmkms: `tmkms@sha256:${"2".repeat(64)}`, haproxy: `haproxy@sha256:${"3".repeat(64)}` },
    pools: chosen.patch === undefined ? undefined : { private: chosen.patch },
    hosts: Object.fromEntries(hosts),
    sentries: pool("sentry", "sen", chosen.sentries, chosen.sentriesAsGroup, {
      snapshots,
      public: chosen.isPublic ? { rpc: true, rest: true } : undefined,
    }),
    private: pool("node", "val", chosen.privates, chosen.privatesAsGroup, {
      bootstrap: snapshots ? chosen.bootstrap : undefined,
    }),
    validators: Object.fromEntries(
      numbered("main", Math.min(chosen.validators, chosen.privates)).map((name, index) => [
        name,
        {
          candidates: chosen.candidatesAsMap ? Object.fromEntries(names.node.map((node, at) => [node, { priority: at * 10 }])) : names.node,
          firstActive: names.node[index % names.node.length],
          pubkey: Buffer.from(sha256(name), "hex").toString("base64"),
          signer: { host: "sig-1" },
        },
      ]),
    ),
    api: chosen.hasApi ? { manager: { host: "sig-1", role: "manager", ports: { rpc: 27000 } } } : undefined,
    edge: chosen.hasEdge && chosen.isPublic ? { front: { host: "sig-1", port: 8000 } } : undefined,
    compose: chosen.compose === undefined ? undefined : { "node-1": chosen.compose },
    "x-extra": chosen.extra,
    suppress: chosen.isSuppressed ? [{ rule: "GHA-209", reason: "one sentry is enough to try" }] : undefined,
  })
})

function numbered(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${name}-${index + 1}`)
}

function hostEntry(kind: string, index: number, network: number): [string, SpecMap] {
  const name = `${kind}-${index + 1}`
  const base = { ssh: `root@${name}`, private: `10.${network}.0.${index + 1}`, provider: index % 2 === 0 ? "one" : "two" }
  return [name, kind === "sen" ? { ...base, public: `203.0.113.${index + 1}` } : base]
}

function pool(name: string, host: string, count: number, isGroup: boolean, settings: SpecMap): SpecMap {
  const common = compact(settings)
  if (isGroup) return { [name]: { count, hosts: numbered(host, count), ...common } }
  return Object.fromEntries(numbered(name, count).map((node, index) => [node, { host: `${host}-${index + 1}`, ...common }]))
}

function compact(map: SpecMap): SpecMap {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== undefined))
}
