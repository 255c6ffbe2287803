import { isPrivateAddress } from "../../private-address.ts"
import { isPlaceholder } from "../placeholder.ts"
import type { Rule } from "../rule.ts"
import { EDGE_RULES } from "./exposure-edge.ts"
import { listedSentries } from "./listed-sentries.ts"
import { own } from "./lookup.ts"
import { seatsOnHosts } from "./seats-on-hosts.ts"
import { isTrialChain } from "./trial-chain.ts"

const portsAreFree: Rule = {
  id: "GHA-501",
  title: "No port of a host is wanted twice.",
  severity: "error",
  why: "The container that comes second does not start, and which one that is depends on chance.",
  fix: "move one of the two to a free port",
  bad: { yaml: "private:\n  node-2: { host: val-1 }\n" },
  good: { yaml: "private:\n  node-2: { host: val-1, ports: { p2p: 26756, rpc: 26757, rest: 1417, grpc: 9190, privval: 26758 } }\n" },
  check({ shape }) {
    const taken = new Map<string, string>()
    return seatsOnHosts(shape).flatMap(({ owner, use, host, port, path, fix }) => {
      const seat = `${host}:${port}`
      const holder = taken.get(seat)
      if (holder === undefined) {
        taken.set(seat, `${owner} (${use})`)
        return []
      }
      return [{ path, message: `wants port ${port} of host ${host} for ${use}, which ${holder} has`, fix }]
    })
  },
}

const offerIsListed: Rule = {
  id: "GHA-506",
  title: "An entry point sends users to every sentry that offers them something.",
  severity: "warning",
  why: "The sentry answers on its private address for nobody, and users have one sentry less than the file says.",
  fix: "add the sentry to `sentries` of an entry point, or take rpc, rest and grpc out of its `public`",
  bad: {
    yaml: "sentries:\n  sentry-2: { public: { rpc: true } }\nedge:\n  public-1: { sentries: [sentry-1] }\n  public-2: { sentries: [sentry-1] }\n",
  },
  good: {
    yaml: "sentries:\n  sentry-2: { public: { rpc: true } }\nedge:\n  public-1: { sentries: [sentry-1, sentry-2] }\n",
  },
  check({ spec, shape }) {
    const listed = new Set(Object.values(spec.edge ?? {}).flatMap((edge) => listedSentries(spec, edge)))
    return shape.nodes
      .filter((node) => node.pool === "sentries" && node.publicServices.length > 0 && !listed.has(node.name))
      .map((node) => ({
        path: ["sentries", node.name, "public"],
        message: `offers ${node.publicServices.join(", ")} to users, and no entry point sends them there`,
      }))
  },
}

const privvalIsPrivate: Rule = {
  id: "GHA-511",
  title: "The private address of a candidate's host is not one of the internet.",
  severity: "error",
  why: "The port that waits for the signer asks nobody who they are: whoever reaches it can take the signer's only place.",
  fix: "use a private network or an overlay such as WireGuard, and write the host's address there",
  bad: { yaml: "hosts:\n  val-1: { private: 198.51.100.21 }\n" },
  good: { yaml: "hosts:\n  val-1: { private: 10.0.0.21, public: 198.51.100.21 }\n" },
  check({ spec, shape }) {
    if (isTrialChain(spec)) return []
    const candidates = shape.nodes.filter((node) => node.candidateOf.length > 0)
    return [...new Set(candidates.map((node) => node.host))].flatMap((name) => {
      const address = own(spec.hosts, name)?.private
      if (name === undefined || address === undefined || isPrivateAddress(address) || isPlaceholder(address)) return []
      const here = candidates.filter((node) => node.host === name).map((node) => node.name)
      return [
        {
          path: ["hosts", name, "private"],
          message: `is a public address, where the signer's port of ${here.join(", ")} would be open to the internet`,
        },
      ]
    })
  },
}

export const EXPOSURE_RULES: readonly Rule[] = [portsAreFree, ...EDGE_RULES, offerIsListed, privvalIsPrivate]
