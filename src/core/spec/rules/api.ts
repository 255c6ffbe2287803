import type { Rule } from "../rule.ts"
import { hostUses } from "./host-uses.ts"
import { commonValue, fixForUnknown, own } from "./lookup.ts"

const upstreamsArePrivateNodes: Rule = {
  id: "GHA-701",
  title: "An api reads private nodes only.",
  severity: "error",
  why: "Sentries are loaded by strangers, and a name that is no node leads nowhere.",
  fix: "name private nodes",
  bad: { yaml: "api:\n  manager: { upstreams: [node-2, sentry-1] }\n" },
  good: { yaml: "api:\n  manager: { upstreams: [node-2, node-3] }\n" },
  check: ({ spec }) =>
    Object.entries(spec.api ?? {}).flatMap(([name, { upstreams }]) =>
      (upstreams ?? []).flatMap((upstream, index) =>
        Object.hasOwn(spec.private, upstream)
          ? []
          : [
              {
                path: ["api", name, "upstreams", index],
                message: `names ${upstream}, which is not a private node`,
                fix: fixForUnknown("private nodes", upstream, Object.keys(spec.private)),
              },
            ],
      ),
    ),
}

const managerIsAlone: Rule = {
  id: "GHA-702",
  title: "There is one api with the role manager.",
  severity: "error",
  why: "Two managers drive the same MLNodes against each other and send every duty to the chain twice.",
  fix: "write `role: public` for all but one",
  bad: { yaml: "api:\n  users: { host: api-1, role: manager }\n" },
  good: { yaml: "api:\n  users: { host: api-1, role: public }\n" },
  check({ spec }) {
    const [first, ...others] = Object.entries(spec.api ?? {}).filter(([, { role }]) => role === "manager")
    return others.map(([name]) => ({ path: ["api", name, "role"], message: `is manager, as ${first?.[0]} is already` }))
  },
}

const upstreamsAreTwo: Rule = {
  id: "GHA-703",
  title: "An api reads two private nodes or more.",
  severity: "warning",
  why: "Losing the one node stops the api, and with it the duties of the current epoch.",
  fix: "name a second private node, or remove `upstreams` to read all",
  bad: { yaml: "api:\n  manager: { upstreams: [node-3] }\n" },
  good: { yaml: "api:\n  manager: { upstreams: [node-3, node-2] }\n" },
  check: ({ shape }) =>
    shape.apis
      .filter(({ upstreams }) => new Set(upstreams).size === 1)
      .map(({ name, upstreams }) => ({ path: ["api", name, "upstreams"], message: `has one node to read, ${upstreams[0]}` })),
}

const upstreamsAreNamedOnce: Rule = {
  id: "GHA-704",
  title: "An api names every upstream once.",
  severity: "error",
  why: "The load balancer refuses two servers of one name and does not start.",
  fix: "remove the second mention",
  bad: { yaml: "api:\n  manager: { upstreams: [node-2, node-3, node-2] }\n" },
  good: { yaml: "api:\n  manager: { upstreams: [node-2, node-3] }\n" },
  check: ({ spec }) =>
    Object.entries(spec.api ?? {}).flatMap(([name, { upstreams = [] }]) =>
      upstreams.flatMap((upstream, index) =>
        upstreams.indexOf(upstream) < index
          ? [{ path: ["api", name, "upstreams", index], message: `names ${upstream} a second time` }]
          : [],
      ),
    ),
}

const managerIsApart: Rule = {
  id: "GHA-705",
  title: "The manager shares no host with a sentry or an entry point.",
  severity: "warning",
  why: "Whoever floods or breaks into what the world can reach stops the duties of the deployment, or gets at the manager's keys.",
  fix: "move the api to a host of its own",
  bad: { yaml: "api:\n  manager: { host: sen-1 }\n" },
  good: { yaml: "api:\n  manager: { host: api-1 }\n" },
  check({ spec }) {
    const open = hostUses(spec).filter(({ kind }) => kind === "sentry" || kind === "entry point")
    return Object.entries(spec.api ?? {}).flatMap(([name, { host, role }]) => {
      const beside = open.filter((use) => use.host === host).map((use) => `${use.kind} ${use.name}`)
      return role !== "manager" || beside.length === 0
        ? []
        : [{ path: ["api", name, "host"], message: `puts the manager beside ${beside.join(", ")}, which the world can reach` }]
    })
  },
}

const publicHasAManager: Rule = {
  id: "GHA-706",
  title: "Where an api answers users, another one is the manager.",
  severity: "warning",
  why: "Without a manager nobody drives the MLNodes and takes part in the proof of compute, and the epoch's rewards are lost.",
  fix: "add an api with `role: manager`, or suppress this where it runs elsewhere",
  bad: { yaml: "api:\n  manager: { role: public }\n" },
  good: { yaml: "api:\n  manager: { role: manager }\n  users: { host: edge-1, role: public }\n" },
  check({ spec }) {
    const roles = Object.values(spec.api ?? {}).map(({ role }) => role)
    return roles.length === 0 || roles.includes("manager") ? [] : [{ path: ["api"], message: "has nobody with the role manager" }]
  },
}

const standbyIsReadFirst: Rule = {
  id: "GHA-708",
  title: "An api prefers a node that does not sign.",
  severity: "warning",
  why: "Queries of the api take time from the node that signs, and a move of the validator takes the api's node away at the same moment.",
  fix: "put another private node first",
  bad: { yaml: "api:\n  manager: { upstreams: [node-1, node-2] }\n" },
  good: { yaml: "api:\n  manager: { upstreams: [node-2, node-1] }\n" },
  check({ spec }) {
    const active = new Map(Object.entries(spec.validators).map(([name, { firstActive }]) => [firstActive, name]))
    if (Object.keys(spec.private).every((name) => active.has(name))) return []
    return Object.entries(spec.api ?? {}).flatMap(([name, { upstreams = [] }]) => {
      const validator = active.get(upstreams[0] ?? "")
      return validator === undefined
        ? []
        : [{ path: ["api", name, "upstreams", 0], message: `prefers ${upstreams[0]}, which signs first for ${validator}` }]
    })
  },
}

const upstreamsAreOnTwoHosts: Rule = {
  id: "GHA-709",
  title: "The nodes that an api reads are on two hosts or more.",
  severity: "warning",
  why: "Losing the one host takes all of them at once, and the api stops.",
  fix: "add a private node on another host to `upstreams`",
  bad: {
    yaml: "private:\n  node-4: { host: val-3, ports: { p2p: 26756, rpc: 26757, rest: 1417, grpc: 9190 } }\napi:\n  manager: { upstreams: [node-3, node-4] }\n",
  },
  good: { yaml: "api:\n  manager: { upstreams: [node-3, node-2] }\n" },
  check: ({ spec, shape }) =>
    shape.apis.flatMap(({ name, upstreams }) => {
      const host = commonValue(upstreams.map((upstream) => own(spec.private, upstream)?.host))
      // A single node is another rule's business.
      return host === undefined || new Set(upstreams).size < 2
        ? []
        : [{ path: ["api", name, "upstreams"], message: `are all on host ${host}` }]
    }),
}

const nameIsItsOwn: Rule = {
  id: "GHA-710",
  title: "No api has the name of an entry point.",
  severity: "error",
  why: "Their load balancers go by these names, and two containers cannot have one.",
  fix: "rename one of the two",
  bad: { yaml: "api:\n  public-1: { host: api-1, role: public }\n" },
  good: { yaml: "api:\n  users: { host: api-1, role: public }\n" },
  check: ({ spec }) =>
    Object.keys(spec.api ?? {})
      .filter((name) => Object.hasOwn(spec.edge ?? {}, name))
      .map((name) => ({ path: ["api", name], message: "is also the name of an entry point" })),
}

export const API_RULES: readonly Rule[] = [
  upstreamsArePrivateNodes,
  managerIsAlone,
  upstreamsAreTwo,
  upstreamsAreNamedOnce,
  managerIsApart,
  publicHasAManager,
  standbyIsReadFirst,
  upstreamsAreOnTwoHosts,
  nameIsItsOwn,
]
