import type { Found, Rule, RuleContext } from "../rule.ts"
import type { Spec } from "../schema.ts"
import { commonValue, own } from "./lookup.ts"
import { isTrialChain } from "./trial-chain.ts"

type Path = readonly (string | number)[]

const SEED = "1111111111111111111111111111111111111111"

const thereIsSomebodyToDial: Rule = {
  id: "GHA-402",
  title: "There are peers or seeds.",
  severity: "error",
  why: "A node that knows nobody joins no network.",
  fix: "add `peers` or `seeds`",
  bad: { yaml: "chain: { peers: [], seeds: [] }\n" },
  good: { yaml: `chain:\n  seeds: ["${SEED}@198.51.100.1:5000"]\n` },
  check: ({ spec, hasProfile }) =>
    hasProfile && (spec.chain?.peers ?? []).length + (spec.chain?.seeds ?? []).length === 0
      ? [{ path: ["chain"], message: "has neither peers nor seeds: the sentries would find no network" }]
      : [],
}

const sourcesDiffer: Rule = {
  id: "GHA-403",
  title: "RPC sources are at least two servers, each named once.",
  severity: "error",
  why: "A server that is asked twice always agrees with itself, so a false answer would be taken.",
  fix: "name another server, run by somebody else",
  bad: { yaml: "chain:\n  genesis:\n    rpc: [https://rpc.one.example/chain-rpc/, http://RPC.one.example:80/chain-rpc]\n" },
  good: { yaml: "chain:\n  genesis:\n    rpc: [https://rpc.one.example/chain-rpc/, https://rpc.two.example/chain-rpc/]\n" },
  check: (context) =>
    sources(context).flatMap(({ path, servers }): readonly Found[] => {
      const repeated = servers.flatMap(({ address }, index) =>
        servers.findIndex((other) => other.address === address) < index
          ? [{ path: [...path, index], message: "is named twice: one source cannot confirm itself" }]
          : [],
      )
      const server = commonValue(servers.map(({ name }) => name))
      return repeated.length > 0 || server === undefined || isTrialChain(context.spec)
        ? repeated
        : [{ path, message: `are all on ${server}: one server cannot confirm itself` }]
    }),
}

const sourcesAreApart: Rule = {
  id: "GHA-406",
  title: "No two RPC sources are on one server.",
  severity: "warning",
  why: "Two ports of one machine agree, whoever has broken into it.",
  fix: "name a source on another server, best one run by somebody else",
  bad: {
    yaml: "chain:\n  genesis:\n    rpc: [http://rpc.one.example:26657, http://rpc.one.example:36657, http://rpc.two.example:26657]\n",
  },
  good: { yaml: "chain:\n  genesis:\n    rpc: [http://rpc.one.example:26657, http://rpc.two.example:26657]\n" },
  check: (context) =>
    sources(context).flatMap(({ path, servers }) => {
      // Where there is no other server at all, another rule has said so, which spares trials.
      const isOne = commonValue(servers.map(({ name }) => name)) !== undefined
      if (isOne && !isTrialChain(context.spec)) return []
      return servers.flatMap(({ name, address }, index) => {
        const beside = servers.slice(0, index).filter((other) => other.name === name)
        const isRepeated = beside.some((other) => other.address === address)
        return beside.length === 0 || isRepeated ? [] : [{ path: [...path, index], message: `is on ${name}, as a source before it is` }]
      })
    }),
}

const sourcesAreOthers: Rule = {
  id: "GHA-410",
  title: "RPC sources are other people's servers.",
  severity: "error",
  why: "What the deployment's own machines say is what somebody has told them: they confirm nothing, and a new node would believe itself.",
  fix: "name a server of the network; the deployment's own sentries are asked without being named",
  bad: {
    yaml: "chain:\n  genesis:\n    rpc: [http://203.0.113.51:8000/chain-rpc/, https://rpc.two.example/] # the entry point public-1\n",
  },
  good: { yaml: "chain:\n  genesis:\n    rpc: [https://rpc.one.example/, https://rpc.two.example/]\n" },
  check: (context) =>
    isTrialChain(context.spec)
      ? []
      : sources(context).flatMap(({ path, servers }) =>
          servers.flatMap(({ name }, index): readonly Found[] => {
            const whose = ownerOf(context.spec, name)
            return whose === undefined ? [] : [{ path: [...path, index], message: `is ${whose}, which is no outside source` }]
          }),
        ),
}

/** What of ours a server is. */
function ownerOf({ hosts }: Spec, server: string): string | undefined {
  if (THIS_MACHINE.test(server)) return "the machine itself"
  const host = Object.keys(hosts).find((name) => addressesOf(hosts, name).includes(server))
  return host === undefined ? undefined : `the own host ${host}`
}

const THIS_MACHINE = /^(localhost|.*\.localhost|127\.[0-9.]+|0\.0\.0\.0|\[::1?\])$/

type Server = { readonly name: string; readonly address: string }

function sources({ spec }: RuleContext): readonly { readonly path: Path; readonly servers: readonly Server[] }[] {
  return (["genesis", "stateSync"] as const).map((key) => ({
    path: ["chain", key, "rpc"],
    servers: (spec.chain?.[key]?.rpc ?? []).map(serverOf),
  }))
}

/** The server of an RPC URL as the start of a node counts it: http and https, paths, capital letters and usual ports make no second one. */
function serverOf(url: string): Server {
  const [, name = url, port = ""] = /^https?:\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]+)(?::0*(\d+))?/.exec(url.toLowerCase()) ?? []
  const host = name.replace(/\.$/, "")
  return { name: host, address: port === "" || port === "80" || port === "443" ? host : `${host}:${port}` }
}

const ownNodesAreNotPeers: Rule = {
  id: "GHA-407",
  title: "Peers and seeds are other people's nodes.",
  severity: "error",
  why: "The deployment's own nodes are connected by themselves, and a private node among the peers would be told to the world.",
  fix: "remove it",
  bad: { yaml: `chain:\n  peers: ["${SEED}@203.0.113.11:5000"] # sentry-1\n` },
  good: { yaml: `chain:\n  peers: ["${SEED}@198.51.100.1:5000"]\n` },
  check: (context) =>
    dialled(context).flatMap(({ path, address }) => {
      const node = context.shape.nodes.find(
        ({ host, ports }) => addressesOf(context.spec.hosts, host).includes(address.host) && ports.p2p === address.port,
      )
      return node === undefined ? [] : [{ path, message: `is the own node ${node.name}` }]
    }),
}

const nobodyIsDialledTwice: Rule = {
  id: "GHA-408",
  title: "No peer and no seed is listed twice.",
  severity: "warning",
  why: "A node keeps one connection for one id, so the list is shorter than it looks.",
  fix: "remove one of the two, or correct its id",
  bad: { yaml: `chain:\n  seeds: ["${SEED}@198.51.100.1:5000", "${SEED}@198.51.100.2:5000"]\n` },
  good: {
    yaml: `chain:\n  seeds: ["${SEED}@198.51.100.1:5000", "2222222222222222222222222222222222222222@198.51.100.2:5000"]\n`,
  },
  check: (context) =>
    dialled(context).flatMap(({ list, id, path }, index, all): Found[] => {
      const isKnown = all.slice(0, index).some((earlier) => earlier.list === list && earlier.id === id)
      return isKnown ? [{ path, message: `has the id ${id}, as an entry before it has` }] : []
    }),
}

/** Everybody whom the sentries are told to dial. */
function dialled({ spec }: RuleContext) {
  return (["peers", "seeds"] as const).flatMap((list) =>
    (spec.chain?.[list] ?? []).map((entry, index) => {
      const [id = "", rest = ""] = entry.split("@")
      const [host = "", port = ""] = rest.split(":")
      return { list, id, path: ["chain", list, index] as Path, address: { host, port: Number(port) } }
    }),
  )
}

function addressesOf(hosts: Spec["hosts"], name: string | undefined): readonly (string | undefined)[] {
  const host = own(hosts, name)
  return host === undefined ? [] : [host.private, host.public]
}

export const CHAIN_SOURCES_RULES: readonly Rule[] = [
  thereIsSomebodyToDial,
  sourcesDiffer,
  sourcesAreApart,
  sourcesAreOthers,
  ownNodesAreNotPeers,
  nobodyIsDialledTwice,
]
