import { QUERY_SERVICES } from "../../topology.ts"
import type { Rule } from "../rule.ts"
import { hostUses } from "./host-uses.ts"
import { listedSentries } from "./listed-sentries.ts"
import { commonValue, fixForUnknown } from "./lookup.ts"

const edgeOffersSomething: Rule = {
  id: "GHA-503",
  title: "Behind every entry point is a sentry that offers something.",
  severity: "warning",
  why: "Users would find a port that answers every request with an error.",
  fix: "set `public: { rpc: true }`, or rest or grpc, on a sentry behind it, or remove the entry point",
  bad: {
    without: ["sentries.sentry-2.public", "edge.public-1.grpcPort"],
    yaml: "edge:\n  public-1: { sentries: [sentry-2] }\n",
  },
  good: { yaml: "sentries:\n  sentry-2: { public: { rpc: true } }\nedge:\n  public-1: { sentries: [sentry-1, sentry-2] }\n" },
  check: ({ shape }) =>
    shape.edges
      .filter((edge) => QUERY_SERVICES.every((service) => edge.sentries[service].length === 0))
      .map((edge) => ({
        path: ["edge", edge.name],
        message: "has nothing to send users to: no sentry behind it offers rpc, rest or grpc",
      })),
}

const edgeNamesSentries: Rule = {
  id: "GHA-504",
  title: "An entry point names sentries only.",
  severity: "error",
  why: "Users never reach what is not a sentry: private nodes are not theirs to ask.",
  fix: "name sentries",
  bad: { yaml: "edge:\n  public-1: { sentries: [sentry-1, sentry2] }\n" },
  good: { yaml: "edge:\n  public-1: { sentries: [sentry-1, sentry-2] }\n" },
  check: ({ spec }) =>
    Object.entries(spec.edge ?? {}).flatMap(([name, edge]) =>
      listedSentries(spec, edge).flatMap((sentry, index) =>
        Object.hasOwn(spec.sentries, sentry)
          ? []
          : [
              {
                path: ["edge", name, "sentries", index],
                message: `names ${sentry}, which is not a sentry`,
                fix: fixForUnknown("sentries", sentry, Object.keys(spec.sentries)),
              },
            ],
      ),
    ),
}

const edgeIsApart: Rule = {
  id: "GHA-505",
  title: "An entry point shares no host with a private node or a signer.",
  severity: "warning",
  why: "Users who flood the entry point take processor, memory and network from what signs, and its address is known to the world.",
  fix: "move the entry point to a sentry's host or to one of its own",
  bad: { yaml: "edge:\n  public-1: { host: val-1 }\n" },
  good: { yaml: "edge:\n  public-1: { host: sen-1 }\n" },
  check({ spec }) {
    const kept = hostUses(spec).filter(({ kind }) => kind === "private node" || kind === "signer")
    return Object.entries(spec.edge ?? {}).flatMap(([name, { host }]) => {
      const beside = kept.filter((use) => use.host === host).map((use) => (use.kind === "signer" ? `the signer of ${use.name}` : use.name))
      return beside.length === 0
        ? []
        : [{ path: ["edge", name, "host"], message: `opens host ${host} to the world, which runs ${beside.join(", ")}` }]
    })
  },
}

const edgesAreTwo: Rule = {
  id: "GHA-507",
  title: "There are two entry points, on two hosts.",
  severity: "warning",
  why: "Losing the one host cuts every user off.",
  fix: "add a second entry point on another host, and give users both addresses",
  bad: { without: ["edge.public-2"], yaml: "edge:\n  public-1: { host: edge-1 }\n" },
  good: { yaml: "edge:\n  public-1: { host: edge-1 }\n  public-2: { host: edge-2 }\n" },
  check({ spec }) {
    const edges = Object.entries(spec.edge ?? {})
    if (edges.length === 1) return [{ path: ["edge"], message: `has one entry point, ${edges.map(([name]) => name).join()}` }]
    const host = commonValue(edges.map(([, edge]) => edge.host))
    return host === undefined ? [] : [{ path: ["edge"], message: `has all its entry points on host ${host}` }]
  },
}

const grpcIsOffered: Rule = {
  id: "GHA-508",
  title: "An entry point has a gRPC port only where a sentry behind it offers gRPC.",
  severity: "error",
  why: "The port would be open with nothing behind it.",
  fix: "set `public: { grpc: true }` on a sentry behind it, or remove `grpcPort`",
  bad: { yaml: "edge:\n  public-1: { sentries: [sentry-2], grpcPort: 9000 }\n" },
  good: { yaml: "sentries:\n  sentry-2: { public: { grpc: true } }\nedge:\n  public-1: { sentries: [sentry-2], grpcPort: 9000 }\n" },
  check: ({ shape }) =>
    shape.edges
      .filter((edge) => edge.grpcPort !== undefined && edge.sentries.grpc.length === 0)
      .map((edge) => ({ path: ["edge", edge.name, "grpcPort"], message: "is given, but no sentry behind the entry point offers grpc" })),
}

const loadBalancerHasAnImage: Rule = {
  id: "GHA-509",
  title: "Where an api or an entry point is used, the load balancer's image is given.",
  severity: "error",
  why: "Each of them has a load balancer of its own, which cannot start without an image.",
  fix: "add `images: { haproxy: … }`, by digest",
  bad: { without: ["images.haproxy"], yaml: "edge:\n  public-1: { host: edge-1 }\n" },
  good: { yaml: "images:\n  haproxy: example/haproxy@sha256:3333333333333333333333333333333333333333333333333333333333333333\n" },
  check({ spec }) {
    const users = [...Object.keys(spec.api ?? {}), ...Object.keys(spec.edge ?? {})]
    return users.length === 0 || spec.images?.haproxy !== undefined
      ? []
      : [{ path: ["images", "haproxy"], message: `is missing, and ${users.join(", ")} ${users.length === 1 ? "needs" : "need"} it` }]
  },
}

const websocketIsShut: Rule = {
  id: "GHA-510",
  title: "An entry point opens no websocket.",
  severity: "warning",
  why: "What users send through a websocket is neither checked nor limited: they can ask for `net_info`, which tells the private nodes' addresses.",
  fix: "remove `websocket`, or suppress this where users have to subscribe to events",
  bad: { yaml: "edge:\n  public-1: { websocket: true }\n" },
  good: { yaml: "edge:\n  public-1: { websocket: false }\n" },
  check: ({ shape }) =>
    shape.edges
      .filter((edge) => edge.websocket && edge.sentries.rpc.length > 0)
      .map((edge) => ({
        path: ["edge", edge.name, "websocket"],
        message: "lets users ask a sentry for anything, also for the addresses of the private nodes",
      })),
}

/** Rules about the public entry points. */
export const EDGE_RULES: readonly Rule[] = [
  edgeOffersSomething,
  edgeNamesSentries,
  edgeIsApart,
  edgesAreTwo,
  grpcIsOffered,
  loadBalancerHasAnImage,
  websocketIsShut,
]
