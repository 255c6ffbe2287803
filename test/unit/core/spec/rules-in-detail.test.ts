import { describe, expect, it } from "vitest"
import { checkedExample } from "../../../support/rule-example.ts"

type Case = {
  readonly name: string
  readonly rule: string
  readonly yaml: string
  readonly without?: readonly string[]
  /** Path and message of every finding of the rule. */
  readonly found: readonly string[]
}

const aValidator = (name: string, candidates: string, firstActive: string, signer: string) =>
  `  ${name}: { candidates: ${candidates}, firstActive: ${firstActive}, pubkey: "${name.charAt(0).repeat(43)}=", signer: { host: ${signer} } }\n`
const signer = (text: string) => `validators:\n  main:\n    signer: ${text}\n`
const PEER = "1111111111111111111111111111111111111111"

const cases: readonly Case[] = [
  { name: "a candidate's host has a graver rule", rule: "GHA-105", yaml: "hosts:\n  val-1: { private: 198.51.100.21 }\n", found: [] },
  {
    name: "the private address counts where there is no public one",
    rule: "GHA-106",
    without: ["hosts.sen-1.public"],
    yaml: "",
    found: ["hosts.sen-1.private is what a sentry tells the network, and nobody outside can reach 10.0.0.11"],
  },
  {
    name: "a public address that is none",
    rule: "GHA-106",
    yaml: "hosts:\n  sen-1: { public: 100.64.0.1 }\n",
    found: ["hosts.sen-1.public is what a sentry tells the network, and nobody outside can reach 100.64.0.1"],
  },
  {
    name: "trial chains live on private networks",
    rule: "GHA-106",
    yaml: "profile: devnet\nhosts:\n  sen-1: { public: 10.0.0.11 }\n",
    found: [],
  },
  {
    name: "an unknown host is most likely the idle one",
    rule: "GHA-107",
    yaml: "private:\n  node-2: { host: vall-2 }\n",
    found: [],
  },
  {
    name: "one provider, whatever the sites",
    rule: "GHA-211",
    yaml: "hosts:\n  sen-2: { provider: one, site: one-z }\n",
    found: ["sentries are all at the provider one"],
  },
  {
    name: "one site, where no provider is named",
    rule: "GHA-211",
    without: ["hosts.sen-1.provider", "hosts.sen-2.provider"],
    yaml: "hosts:\n  sen-1: { site: a }\n  sen-2: { site: a }\n",
    found: ["sentries are all at the site a"],
  },
  {
    name: "sites of one name at two providers are two sites",
    rule: "GHA-211",
    yaml: "hosts:\n  sen-1: { site: a }\n  sen-2: { site: a }\n",
    found: [],
  },
  {
    name: "half a group: hosts without a count",
    rule: "GHA-203",
    yaml: "private:\n  more: { hosts: [val-1, val-2] }\n",
    found: ["private.more has hosts, and no count of nodes for them"],
  },
  {
    name: "half a group: a count without hosts",
    rule: "GHA-203",
    yaml: "private:\n  more: { count: 2 }\n",
    found: ["private.more has a count, and no hosts to deal it out over"],
  },
  {
    name: "a single node with a list of hosts",
    rule: "GHA-203",
    yaml: "private:\n  node-2: { hosts: [val-1] }\n",
    found: ["private.node-2 has both hosts and host"],
  },
  { name: "half a group is not a node without a host", rule: "GHA-202", yaml: "private:\n  more: { count: 2 }\n", found: [] },
  {
    name: "a host in the api",
    rule: "GHA-201",
    yaml: "api:\n  manager: { host: apl-1 }\n",
    found: ["api.manager.host names the host apl-1, which is not under hosts"],
  },
  {
    name: "a host of an entry point",
    rule: "GHA-201",
    yaml: "edge:\n  public-1: { host: edge-9 }\n",
    found: ["edge.public-1.host names the host edge-9, which is not under hosts"],
  },
  {
    name: "a candidate in a map",
    rule: "GHA-301",
    without: ["validators.main.candidates"],
    yaml: "validators:\n  main:\n    candidates: { node-1: {}, sentry-1: {} }\n",
    found: ["validators.main.candidates.sentry-1 sentry-1 is not a private node"],
  },
  {
    name: "one rack",
    rule: "GHA-306",
    yaml: "hosts:\n  sig-1: { provider: one, site: one-b, rack: r1 }\n  val-1: { rack: r1 }\n",
    found: ["validators.main.signer.host is in the rack of node-1: they are lost together"],
  },
  {
    name: "racks of one name at two sites are two racks",
    rule: "GHA-306",
    yaml: "hosts:\n  sig-1: { rack: r1 }\n  val-1: { rack: r1 }\n",
    found: [],
  },
  {
    name: "the site of every candidate",
    rule: "GHA-306",
    yaml: "hosts:\n  sig-1: { provider: one, site: s }\n  val-1: { provider: one, site: s }\n  val-2: { provider: one, site: s }\nvalidators:\n  main: { candidates: [node-1, node-2] }\n",
    found: ["validators.main.signer.host is at the site of every candidate: s takes all of them with it"],
  },
  {
    name: "the site of some candidates",
    rule: "GHA-306",
    yaml: "hosts:\n  sig-1: { provider: one, site: one-b }\n",
    found: [],
  },
  {
    name: "the provider of every candidate, where sites are not named",
    rule: "GHA-306",
    without: ["hosts.sig-1.site"],
    yaml: "hosts:\n  sig-1: { provider: one }\nvalidators:\n  main: { candidates: [node-1] }\n",
    found: ["validators.main.signer.host is at the provider of every candidate: one takes all of them with it"],
  },
  {
    name: "two sites of one provider",
    rule: "GHA-306",
    yaml: "hosts:\n  sig-1: { provider: one, site: one-z }\nvalidators:\n  main: { candidates: [node-1] }\n",
    found: [],
  },
  {
    name: "candidates on one host, with another private node elsewhere",
    rule: "GHA-309",
    yaml: "private:\n  node-2: { host: val-1, ports: { p2p: 5100, rpc: 26757, privval: 26758, rest: 1417, grpc: 9190 } }\nvalidators:\n  main: { candidates: [node-1, node-2] }\n",
    found: ["validators.main.candidates are all on val-1: they are lost together"],
  },
  {
    name: "three validators on two nodes",
    rule: "GHA-313",
    yaml: `validators:\n  main: { candidates: [node-1, node-2] }\n${aValidator("p", "[node-1, node-2]", "node-2", "sig-1")}${aValidator("q", "[node-1, node-2]", "node-1", "sig-1")}`,
    found: ["validators.q.candidates leave no node for it when the other validators sit on theirs: node-1, node-2 are needed by them"],
  },
  {
    name: "a validator of its own needs no spare node of others",
    rule: "GHA-314",
    yaml: `validators:\n  main: { candidates: [node-1, node-2] }\n${aValidator("p", "[node-3]", "node-3", "sig-1")}`,
    found: [],
  },
  {
    name: "no spare node for two",
    rule: "GHA-314",
    yaml: `validators:\n  main: { candidates: [node-1, node-2] }\n${aValidator("p", "[node-1, node-2]", "node-2", "sig-1")}`,
    found: ["validators.p.candidates have no node to spare: main, p need all of node-1, node-2"],
  },
  {
    name: "a YubiHSM that is not described",
    rule: "GHA-315",
    yaml: signer("{ provider: yubihsm }"),
    found: ["validators.main.signer.yubihsm is missing, though the provider is a YubiHSM"],
  },
  {
    name: "a YubiHSM without its keys",
    rule: "GHA-315",
    yaml: signer("{ provider: yubihsm, yubihsm: {} }"),
    found: ["validators.main.signer.yubihsm does not name authKey", "validators.main.signer.yubihsm does not name signingKey"],
  },
  {
    name: "a YubiHSM beside softsign",
    rule: "GHA-315",
    yaml: signer("{ yubihsm: { authKey: 1, signingKey: 2 } }"),
    found: ["validators.main.signer.yubihsm describes a YubiHSM, which is not the provider"],
  },
  {
    name: "a YubiHSM behind its connector",
    rule: "GHA-315",
    yaml: signer('{ provider: yubihsm, yubihsm: { adapter: http, address: "tcp://127.0.0.1:12345", authKey: 1, signingKey: 2 } }'),
    found: [],
  },
  {
    name: "a secret from nowhere",
    rule: "GHA-318",
    yaml: signer("{ key: {} }"),
    found: ["validators.main.signer.key says neither file nor env nor command"],
  },
  {
    name: "a password from two places",
    rule: "GHA-318",
    yaml: signer("{ provider: yubihsm, yubihsm: { authKey: 1, signingKey: 2, password: { env: A, command: b } } }"),
    found: ["validators.main.signer.yubihsm.password has several sources: env, command"],
  },
  {
    name: "an entry point beside the signer",
    rule: "GHA-321",
    yaml: "edge:\n  public-1: { host: sig-1 }\n",
    found: ["validators.main.signer.host also carries the entry point public-1"],
  },
  {
    name: "every trial setting",
    rule: "GHA-405",
    yaml: "chain: { id: lab-1, binary: simd, blockTime: 1999ms, minimumGasPrices: 0.25stake }\n",
    found: [
      "chain.id is lab-1, and the profile is that of gonka-mainnet",
      "chain.binary is simd, the program of trial chains",
      "chain.blockTime is 1999ms: no block of the main network comes that fast",
      "chain.minimumGasPrices is in stake, the money of trial chains",
    ],
  },
  { name: "trial settings of a trial", rule: "GHA-405", yaml: "profile: devnet\nchain: { id: lab-1, blockTime: 1s }\n", found: [] },
  {
    name: "sources of state sync",
    rule: "GHA-403",
    yaml: "chain:\n  stateSync:\n    rpc: [https://a.example, https://b.example, https://a.example/]\n",
    found: ["chain.stateSync.rpc.2 is named twice: one source cannot confirm itself"],
  },
  {
    name: "the main network under another profile",
    rule: "GHA-405",
    yaml: "profile: devnet\nchain: { id: gonka-mainnet, blockTime: 1s }\n",
    found: ["profile is devnet, and the chain is gonka-mainnet"],
  },
  {
    name: "one source in several spellings",
    rule: "GHA-403",
    yaml: 'chain:\n  genesis:\n    rpc: [http://a.example, https://u@A.example.:443/one, http://a.example:080?two, https://b.example, "http://[::1]:1", "http://[::1]:2"]\n',
    found: [
      "chain.genesis.rpc.1 is named twice: one source cannot confirm itself",
      "chain.genesis.rpc.2 is named twice: one source cannot confirm itself",
    ],
  },
  {
    name: "two ports of one server alone",
    rule: "GHA-403",
    yaml: "chain:\n  stateSync:\n    rpc: [https://a.example/one, https://A.example:8443/two]\n",
    found: ["chain.stateSync.rpc are all on a.example: one server cannot confirm itself"],
  },
  {
    name: "two ports of one server alone, in a trial",
    rule: "GHA-403",
    yaml: "profile: devnet\nchain:\n  id: trial-1\n  stateSync:\n    rpc: [https://a.example/one, https://A.example:8443/two]\n",
    found: [],
  },
  {
    name: "one server by its name in capitals, beside another",
    rule: "GHA-406",
    yaml: "chain:\n  stateSync:\n    rpc: [https://a.example/one, https://b.example, https://A.example:8443/two]\n",
    found: ["chain.stateSync.rpc.2 is on a.example, as a source before it is"],
  },
  {
    name: "one server alone has a graver rule",
    rule: "GHA-406",
    yaml: "chain:\n  stateSync:\n    rpc: [https://a.example/one, https://A.example:8443/two]\n",
    found: [],
  },
  {
    name: "one server alone, in a trial",
    rule: "GHA-406",
    yaml: "profile: devnet\nchain:\n  id: trial-1\n  stateSync:\n    rpc: [https://a.example/one, https://A.example:8443/two]\n",
    found: ["chain.stateSync.rpc.1 is on a.example, as a source before it is"],
  },
  {
    name: "everything of one's own",
    rule: "GHA-410",
    yaml: 'chain:\n  genesis:\n    rpc: [http://10.0.0.11:26657, https://203.0.113.51:8000/chain-rpc/, http://LOCALHOST:1, http://127.1.2.3, https://a.example]\n  stateSync:\n    rpc: [https://a.example, https://b.example, "http://[::1]:26657"]\n',
    found: [
      "chain.genesis.rpc.0 is the own host sen-1, which is no outside source",
      "chain.genesis.rpc.1 is the own host edge-1, which is no outside source",
      "chain.genesis.rpc.2 is the machine itself, which is no outside source",
      "chain.genesis.rpc.3 is the machine itself, which is no outside source",
      "chain.stateSync.rpc.2 is the machine itself, which is no outside source",
    ],
  },
  {
    name: "a trial chain is where it is",
    rule: "GHA-410",
    yaml: "profile: devnet\nchain:\n  id: trial-1\n  genesis:\n    rpc: [http://10.0.0.11:26657, http://127.0.0.1:26657]\n",
    found: [],
  },
  {
    name: "one source written twice is another rule's",
    rule: "GHA-406",
    yaml: "chain:\n  genesis:\n    rpc: [https://a.example, https://a.example/]\n",
    found: [],
  },
  {
    name: "a private node among the seeds",
    rule: "GHA-407",
    yaml: `chain:\n  seeds: ["${PEER}@10.0.0.21:26656"]\n`,
    found: ["chain.seeds.0 is the own node node-1"],
  },
  {
    name: "somebody else's node on an own host",
    rule: "GHA-407",
    yaml: `chain:\n  seeds: ["${PEER}@203.0.113.11:7777"]\n`,
    found: [],
  },
  {
    name: "a node that is both a peer and a seed",
    rule: "GHA-408",
    yaml: `chain:\n  peers: ["${PEER}@198.51.100.1:5000"]\n  seeds: ["${PEER}@198.51.100.1:5000"]\n`,
    found: [],
  },
  {
    name: "a trust period just below the unbonding time",
    rule: "GHA-409",
    yaml: "chain:\n  stateSync: { trustPeriod: 503h }\n",
    found: [],
  },
  {
    name: "a version of tmkms that nobody knows",
    rule: "GHA-411",
    yaml: 'versions: { tmkms: "0.11" }\n',
    found: ["versions.tmkms 0.11 is no version of tmkms that gonka-ha knows"],
  },
]

describe("rules in detail", () => {
  it.each(cases)("$rule: $name", ({ rule, yaml, without = [], found }) => {
    const { spec, issues } = checkedExample({ yaml, without })
    expect(spec, JSON.stringify(issues)).toBeDefined()
    expect(issues.filter((issue) => issue.rule === rule).map(({ path, message }) => `${path} ${message}`)).toEqual(found)
  })

  it("say little about a deployment of one host, which is lost as a whole", () => {
    const nodes = (pool: string, name: string) => `${pool}:\n  ${name}: { count: 2, hosts: [here] }\n`
    const { issues } = checkedExample({
      without: ["hosts", "sentries", "private", "validators", "api", "edge"],
      yaml: `profile: devnet\nchain: { id: lab-1 }\nhosts: { here: { local: true, private: 10.0.0.1 } }\n${nodes("sentries", "sentry").replace("here]", "here], snapshots: true")}${nodes("private", "node").replace("here]", "here], ports: { p2p: 27656, rpc: 27657, privval: 27658, rest: 2317, grpc: 10090 }")}validators:\n${aValidator("main", "[node-1, node-2]", "node-1", "here")}`,
    })
    expect(issues.map(({ rule, path }) => `${rule} ${path}`)).toEqual([
      "GHA-210 sentries",
      "GHA-305 validators.main.signer.host",
      "GHA-402 chain",
    ])
  })
})
