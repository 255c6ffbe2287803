import { describe, expect, it } from "vitest"
import { checkedTexts } from "../../../support/golden-topology.ts"
import { checkedExample, RULE_BASE } from "../../../support/rule-example.ts"

/** What one rule says about a change of the base, as `path: message`. */
function said(rule: string, yaml: string, without: readonly string[] = []): readonly string[] {
  const { spec, issues } = checkedExample({ yaml, without })
  if (!spec) throw new Error(`the form is wrong: ${JSON.stringify(issues)}`)
  return issues.filter((issue) => issue.rule === rule).map(({ path, message }) => `${path}: ${message}`)
}

describe("a patch of a pool", () => {
  it("is wrong once, at the pool's line", () => {
    const text = `${RULE_BASE}pools:\n  private:\n    config: { p2p: { pexx: true } }\n`
    const found = checkedTexts(text).issues.filter(({ rule }) => rule === "GHA-516")
    expect(found.map(({ place }) => place)).toEqual([{ file: "gonka-ha.yaml", line: text.split("\n").length - 1, column: 22 }])
  })

  it("is wrong once for each node that writes it itself", () => {
    const text = RULE_BASE.replace("{ host: val-1 }", "{ host: val-1, config: { pexx: 1 } }").replace(
      "{ host: val-2 }",
      "{ host: val-2, config: { pexx: 1 } }",
    )
    expect(checkedTexts(text).issues.filter(({ rule }) => rule === "GHA-516")).toHaveLength(2)
  })

  it("is found however its key is written", () => {
    for (const config of ["{ p2p: { pex: true } }", "{ p2p.pex: true }"])
      expect(said("GHA-517", `private:\n  node-1: { config: ${config} }\n`)).toHaveLength(1)
  })

  it("with a rule of its own is told by that rule alone", () => {
    const unsafe = "private:\n  node-1: { config: { rpc: { unsafe: true } } }\n"
    expect([said("GHA-517", unsafe), said("GHA-523", unsafe).length]).toEqual([[], 1])
    expect(said("GHA-517", "private:\n  node-1: { config: { rpc: { unsafe: false } } }\n")).toHaveLength(1)
  })

  it("is left alone where there is no table of the version", () => {
    expect(said("GHA-516", "versions: { node: constructor }\nprivate:\n  node-1: { config: { nothing: 1 } }\n")).toEqual([])
  })
})

describe("a group with more nodes than ports", () => {
  it("is wrong once, whatever the number of its nodes and ports", () => {
    const text = RULE_BASE.replace("private:\n", "private:\n  many: { count: 100, hosts: [val-1] }\n").replace(
      "sentries:\n",
      "sentries:\n  more: { count: 80, hosts: [sen-1], ports: { p2p: 25000 } }\n  few: { count: 2, hosts: [sen-2] }\n",
    )
    const lineOf = (marker: string) => text.slice(0, text.indexOf(marker)).split("\n").length
    const { spec, issues } = checkedTexts(text)
    expect(spec).toBeUndefined()
    expect(issues.map(({ rule, path, message, place }) => [`${rule} ${path} ${message}`, place?.line])).toEqual([
      [
        "GHA-008 sentries.more has more nodes than its hosts have ports for: more-63 would get 32857 as ports.rpc, and ports end at 32767",
        lineOf("  more:"),
      ],
      [
        "GHA-008 private.many has more nodes than its hosts have ports for: many-63 would get 32856 as ports.p2p, and ports end at 32767",
        lineOf("  many:"),
      ],
    ])
  })
})

describe("ports of a host", () => {
  it.each([
    {
      name: "an entry point and an api",
      yaml: "edge:\n  public-1: { host: api-1, port: 9500 }\napi:\n  manager: { ports: { rpc: 9500 } }\n",
      says: "edge.public-1: wants port 9500 of host api-1 for http, which manager (rpc) has",
    },
    {
      name: "an entry point with itself",
      yaml: "edge:\n  public-1: { port: 9000, grpcPort: 9000 }\n",
      says: "edge.public-1: wants port 9000 of host edge-1 for grpc, which public-1 (http) has",
    },
    {
      name: "a service that somebody reads",
      yaml: "private:\n  node-1: { ports: { rest: 26658 } }\n",
      says: "private.node-1: wants port 26658 of host val-1 for privval, which node-1 (rest) has",
    },
    {
      name: "RPC on loopback",
      yaml: "edge:\n  public-1: { host: sen-2, port: 26657 }\n",
      says: "edge.public-1: wants port 26657 of host sen-2 for http, which sentry-2 (rpc) has",
    },
  ])("clash: $name", ({ yaml, says }) => {
    expect(said("GHA-501", yaml)).toEqual([says])
  })

  it("that nothing listens on are free", () => {
    const quiet = "sentries:\n  sentry-2: { ports: { rest: 5000, grpc: 5000, privval: 5000 } }\n"
    expect(said("GHA-501", quiet, ["sentries.sentry-2.public"])).toEqual([])
  })
})

describe("Compose settings", () => {
  it.each([
    { yaml: "{ main-signer: { deploy: { replicas: 2, resources: {} } } }", paths: ["compose.main-signer.deploy.replicas"] },
    { yaml: '{ node-1: { labels: ["team=chain", "io.gonka-ha.role=sentry"] } }', paths: ["compose.node-1.labels.1"] },
    { yaml: "{ node-1: { labels: { io.gonka-ha.digest: abc } } }", paths: ["compose.node-1.labels.io.gonka-ha.digest"] },
    { yaml: "{ node-1: { constructor: 1, x-mine: 1, mem_limit: 16g } }", paths: [] },
  ])("$yaml owns $paths", ({ yaml, paths }) => {
    expect(said("GHA-515", `compose: ${yaml}\n`).map((line) => line.split(":")[0])).toEqual(paths)
  })

  it("know a word that every object answers to for no service and no key", () => {
    expect(said("GHA-513", "compose: { constructor: { mem_limit: 1g } }\n")).toEqual([
      "compose.constructor: is no service of this topology",
    ])
    expect(said("GHA-514", "compose: { node-1: { constructor: 1 } }\n")).toHaveLength(1)
    expect(said("GHA-514", 'compose: { node-1: { labels: { "<<": 0, ops: 1 }, x-notes: [{ "<<": {} }] } }\n')).toHaveLength(2)
  })

  it("set no variable that changes what a node runs, reads or asks, however the variables are written", () => {
    const refused = [
      ...["PATH", "LD_PRELOAD", "LD_LIBRARY_PATH", "ENV", "BASH_ENV", "COSMOVISOR_CUSTOM_PREUPGRADE"],
      ...["HOME", "TMPDIR", "DAEMON_HOME", "DAEMON_NAME"],
      ...["http_proxy", "HTTPS_PROXY", "all_proxy", "no_proxy", "CURL_HOME", "CURL_CA_BUNDLE", "XDG_CONFIG_HOME"],
      ...["GONKA_HA_ROOT", "INFERENCED_P2P_PEX", "inferenced_p2p_pex"],
    ]
    const free = ["GOGC", "GOMEMLIMIT", "DAEMON_RESTART_DELAY", "COSMOVISOR_DISABLE_LOGS", "TZ", "MY_PATH", "HOMEPAGE"]
    const names = [...refused, ...free]
    const found = (environment: unknown) => said("GHA-522", `compose: { node-1: { environment: ${JSON.stringify(environment)} } }\n`)
    const placesIn = (lines: readonly string[]) => lines.map((line) => line.split(":")[0])
    expect(placesIn(found(Object.fromEntries(names.map((name) => [name, "1"]))))).toEqual(
      refused.map((name) => `compose.node-1.environment.${name}`),
    )
    expect(placesIn(found(names.map((name) => `${name}=1`)))).toEqual(refused.map((_, index) => `compose.node-1.environment.${index}`))
    expect(
      said("GHA-522", "chain: { binary: my-chain.d }\ncompose: { sentry-1: { environment: { MY_CHAIN_D_HALT_HEIGHT: 1 } } }\n"),
    ).toEqual([
      "compose.sentry-1.environment.MY_CHAIN_D_HALT_HEIGHT: MY_CHAIN_D_HALT_HEIGHT would win over the files that gonka-ha renders",
    ])
  })

  it("take no variable from the shell of a host", () => {
    const line = (place: string) =>
      `compose.node-1.environment.${place}: GOGC has no value here, so that of the shell on the host would be taken`
    expect(said("GHA-522", "compose: { node-1: { environment: [GOGC] } }\n")).toEqual([line("0")])
    expect(said("GHA-522", "compose: { node-1: { environment: { GOGC: } } }\n")).toEqual([line("GOGC")])
    expect(said("GHA-522", "compose: { node-1: { environment: [GOGC=], labels: [GOGC] } }\n")).toEqual([])
  })

  it.each(["main-signer", "node-1-parking"])("set no variable of %s at all", (service) => {
    for (const environment of ["{ TZ: UTC }", "[TZ=UTC, GOGC=75]"])
      expect(said("GHA-522", `compose: { ${service}: { environment: ${environment} } }\n`)).toEqual([
        `compose.${service}.environment: is set for a signer, which takes nothing from its environment`,
      ])
    expect(said("GHA-522", `compose: { ${service}: { environment: {}, mem_limit: 512m } }\n`)).toEqual([])
  })
})

describe("images", () => {
  it.each([
    { image: "example/node", rule: "GHA-852" },
    { image: "example/node:latest", rule: "GHA-852" },
    { image: "registry.example:5000/node", rule: "GHA-852" },
    { image: "registry.example:5000/node:1.2", rule: "GHA-851" },
    { image: `example/node:1.2@sha256:${"1".repeat(64)}`, rule: undefined },
  ])("$image breaks $rule", ({ image, rule }) => {
    const broken = ["GHA-851", "GHA-852"].filter((id) => said(id, `images: { node: "${image}" }\n`).length > 0)
    expect(broken).toEqual(rule === undefined ? [] : [rule])
  })
})

describe("a chain of one's own for trials", () => {
  const trialOf = (id: string, yaml: string) =>
    `profile: devnet\n${yaml.startsWith("chain: { ") ? yaml.replace("{ ", `{ id: ${id}, `) : `chain: { id: ${id} }\n${yaml}`}`

  it.each([
    ["GHA-106", "hosts:\n  sen-1: { public: 10.0.0.11 }\n"],
    ["GHA-403", "chain: { genesis: { rpc: [http://a.example:1, http://a.example:2] } }\n"],
    ["GHA-410", "chain: { genesis: { rpc: [http://10.0.0.11:1, http://a.example:2] } }\n"],
    ["GHA-511", "hosts:\n  val-1: { private: 198.51.100.21 }\n"],
    ["GHA-607", "private:\n  node-1: { pruning: { keepStates: 100 } }\n"],
    ["GHA-611", "sentries:\n  sentry-1: { snapshots: { interval: 10 } }\n"],
    ["GHA-802", "policy: { freshness: 5m }\n"],
    ["GHA-851", "images: { node: example/node:1 }\n"],
    ["GHA-852", "images: { node: example/node }\n"],
    ["GHA-861", "private:\n  node-1: { resources: { memory: 512m } }\n"],
    ["GHA-862", "private:\n  node-1: { resources: { cpus: 0.5 } }\n"],
  ])("is free of %s", (rule, yaml) => {
    expect(said(rule, yaml)).not.toEqual([])
    expect(said(rule, `profile: devnet\n${yaml}`)).toEqual([])
    // A network on which others depend is none, whatever the profile says.
    for (const id of ["gonka-mainnet", "gonka-testnet", "gonka-testnet-4"])
      expect([id, said(rule, trialOf(id, yaml))]).not.toEqual([id, []])
    expect(said(rule, trialOf("gonka-mainnetlike", yaml))).toEqual([])
  })
})

describe("snapshots", () => {
  const none = ["sentries.sentry-1.snapshots", "sentries.sentry-2.snapshots"]
  it("that nobody keeps are missed once, by the graver rule", () => {
    expect([said("GHA-603", "{}", none).length, said("GHA-614", "{}", none).length]).toEqual([1, 0])
  })

  it("of the only sentry are another rule's business", () => {
    expect(said("GHA-604", "{}", ["sentries.sentry-2"])).toEqual([])
  })

  it.each([
    { keepBlocks: 2999, isTooFew: true },
    { keepBlocks: 3000, isTooFew: false },
    { keepBlocks: 0, isTooFew: false },
  ])("need the blocks after them: $keepBlocks", ({ keepBlocks, isTooFew }) => {
    expect(said("GHA-602", `sentries:\n  sentry-1: { pruning: { keepBlocks: ${keepBlocks} } }\n`).length > 0).toBe(isTooFew)
  })
})

describe("the jail budget", () => {
  it.each([
    { reserve: 49, isRefused: false },
    { reserve: 50, isRefused: true },
  ])("of 50 blocks with $reserve in reserve", ({ reserve, isRefused }) => {
    expect(said("GHA-804", `policy: { jailReserveBlocks: ${reserve} }\n`).length > 0).toBe(isRefused)
  })

  it.each([
    { freshness: "125s", isLong: false },
    { freshness: "126s", isLong: true },
  ])("of 250 s with a freshness of $freshness", ({ freshness, isLong }) => {
    expect(said("GHA-802", `policy: { freshness: ${freshness} }\n`).length > 0).toBe(isLong)
  })
})
