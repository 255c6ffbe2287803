import type { Found, Rule, RuleContext } from "../rule.ts"
import type { Spec } from "../schema.ts"
import { commonValue, own } from "./lookup.ts"

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
  title: "No RPC source is named twice.",
  severity: "error",
  why: "A server that is asked twice always agrees with itself, so a false answer would be taken.",
  fix: "name another node, run by somebody else",
  bad: { yaml: "chain:\n  genesis:\n    rpc: [https://rpc.one.example/chain-rpc/, https://rpc.one.example/chain-rpc]\n" },
  good: { yaml: "chain:\n  genesis:\n    rpc: [https://rpc.one.example/chain-rpc/, https://rpc.two.example/chain-rpc/]\n" },
  check: (context) =>
    sources(context).flatMap(({ path, urls }) =>
      urls.flatMap((url, index) =>
        urls.indexOf(url) < index ? [{ path: [...path, index], message: "is named twice: one source cannot confirm itself" }] : [],
      ),
    ),
}

const sourcesAreOnTwoServers: Rule = {
  id: "GHA-406",
  title: "RPC sources are on more than one server.",
  severity: "warning",
  why: "Two ports of one machine agree, whoever has broken into it.",
  fix: "name a source on another server, best one run by somebody else",
  bad: { yaml: "chain:\n  genesis:\n    rpc: [http://rpc.one.example:26657, http://rpc.one.example:36657]\n" },
  good: { yaml: "chain:\n  genesis:\n    rpc: [http://rpc.one.example:26657, http://rpc.two.example:26657]\n" },
  check: (context) =>
    sources(context).flatMap(({ path, urls }) => {
      const server = commonValue(urls.map(serverOf))
      // Where only one source is left, another rule has said so.
      return server !== undefined && new Set(urls).size > 1 ? [{ path, message: `are all on ${server}` }] : []
    }),
}

function sources({ spec }: RuleContext): readonly { readonly path: Path; readonly urls: readonly string[] }[] {
  return (["genesis", "stateSync"] as const).map((key) => ({
    path: ["chain", key, "rpc"],
    urls: (spec.chain?.[key]?.rpc ?? []).map((url) => url.replace(/\/+$/, "")),
  }))
}

/** Name or address of the server of an RPC URL. */
function serverOf(url: string): string {
  return /^https?:\/\/(?:[^/@]*@)?(\[[^\]]*\]|[^/:]+)/.exec(url)?.[1]?.toLowerCase() ?? url
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
        ({ host, ports }) => addressesOf(context.spec, host).includes(address.host) && ports.p2p === address.port,
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

function addressesOf(spec: Spec, name: string | undefined): readonly (string | undefined)[] {
  const host = own(spec.hosts, name)
  return host === undefined ? [] : [host.private, host.public]
}

export const CHAIN_SOURCES_RULES: readonly Rule[] = [
  thereIsSomebodyToDial,
  sourcesDiffer,
  sourcesAreOnTwoServers,
  ownNodesAreNotPeers,
  nobodyIsDialledTwice,
]
