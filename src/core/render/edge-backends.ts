import { type EdgeEntry, hostOf, nodeOf, type QueryService, type Topology } from "../topology.ts"
import { RPC_BROADCAST_ROUTES, RPC_READ_ROUTES } from "./edge-routes.ts"
import type { Section } from "./haproxy-text.ts"

/** The services that are reached by HTTP, and where below the entry point. */
export const EDGE_PREFIX = { rpc: "/chain-rpc/", rest: "/chain-api/" } as const
export type HttpService = keyof typeof EDGE_PREFIX
export const HTTP_SERVICES: readonly HttpService[] = ["rpc", "rest"]

/** CometBFT takes 900 connections by default; some are left for whoever else looks at the sentry. */
const MAX_CONNECTIONS_PER_SENTRY = 800

/** The sentries of an entry point that offer a service, and what may be asked of them. */
export function edgeBackend(topology: Topology, edge: EdgeEntry, service: QueryService): Section {
  return {
    head: `backend ${service}`,
    lines: [
      "# A client stays on one sentry while that is up: whoever sends a transaction and asks for it finds it.",
      "balance source",
      "hash-type consistent",
      ...rulesOf(edge, service),
      `default-server inter 2s fastinter 1s downinter 2s fall 3 rise 2 maxconn ${MAX_CONNECTIONS_PER_SENTRY}${service === "grpc" ? " proto h2" : ""}`,
      ...edge.sentries[service].map((name) => serverLine(topology, edge, service, name)),
    ],
  }
}

export function cacheOf(service: HttpService): Section {
  return { head: `cache ${service}`, lines: ["total-max-size 64", "max-object-size 1000000", "max-age 1"] }
}

function serverLine(topology: Topology, edge: EdgeEntry, service: QueryService, name: string): string {
  const node = nodeOf(topology, name)
  // A gRPC server has no check of its own that means something; the same sentry's other services tell.
  const judge = service === "grpc" ? HTTP_SERVICES.find((other) => edge.sentries[other].includes(name)) : undefined
  const address = `${hostOf(topology, node.host).privateAddress}:${node.ports[service]}`
  return `server ${name} ${address} ${judge === undefined ? "check" : `track ${judge}/${name}`}`
}

function rulesOf(edge: EdgeEntry, service: QueryService): readonly string[] {
  switch (service) {
    case "rpc":
      return [...rpcRules(edge), ...cacheRules("rpc"), ...retryRules("is_read METH_GET"), ...check("/status", "catching_up")]
    case "rest":
      return [
        ...REST_RULES,
        ...cacheRules("rest"),
        ...retryRules("METH_GET"),
        ...check("/cosmos/base/tendermint/v1beta1/syncing", "syncing"),
      ]
    case "grpc":
      return []
  }
}

const pathsOf = (routes: readonly string[]) => routes.map((route) => `/${route}`).join(" ")
/** Quoted twice, as HAProxy reads it: as a word of the line, and inside of that as an argument of its function. */
const LESS_ALLOWED_METHODS = `'req.body,regsub("\\"method\\"[[:space:]]*:[[:space:]]*\\"(${[...RPC_READ_ROUTES, ...RPC_BROADCAST_ROUTES].join("|")})\\"","",gi)'`

function rpcRules({ websocket }: EdgeEntry): readonly string[] {
  return [
    `http-request set-path %[path,regsub(^${EDGE_PREFIX.rpc},/)]`,
    `acl is_read path ${pathsOf(RPC_READ_ROUTES)}`,
    `acl is_broadcast path ${pathsOf(RPC_BROADCAST_ROUTES)}`,
    "acl is_root path /",
    "acl is_post method POST",
    "acl is_preflight method OPTIONS",
    ...(websocket ? WEBSOCKET_LINES : []),
    `http-request deny deny_status 403 unless is_read or is_broadcast or is_root is_post or is_root is_preflight${websocket ? " or is_websocket is_upgrade METH_GET" : ""}`,
    "# JSON-RPC names its methods in the body. Every allowed one is struck out; one that is left, or a name that is written with escapes and",
    "# so might be one, is refused, and so is a body that was not looked at. Capital letters make no difference here, since they make none to",
    "# the node.",
    `http-request set-var(txn.left) ${LESS_ALLOWED_METHODS} if is_post`,
    "http-request deny deny_status 403 if is_post !{ var(txn.left) -m found }",
    `http-request deny deny_status 403 if is_post { var(txn.left) -m reg -i '"method"' }`,
    `http-request deny deny_status 403 if is_post { var(txn.left) -m reg '"[^"]*\\\\[^"]*"[[:space:]]*:' }`,
  ]
}

const WEBSOCKET_LINES: readonly string[] = [
  "# What passes through a websocket afterwards is not looked at: what a sentry must never do is switched off in its own configuration.",
  "acl is_websocket path /websocket",
  "acl is_upgrade hdr(upgrade) -i websocket",
]

const REST_RULES: readonly string[] = [
  `http-request set-path %[path,regsub(^${EDGE_PREFIX.rest},/)]`,
  "# Transactions are sent and tried out by POST; everything else is read.",
  "http-request deny deny_status 405 if METH_POST !{ path_beg /cosmos/tx/v1beta1/ }",
  "acl is_read always_true",
]

function cacheRules(service: HttpService): readonly string[] {
  return [
    "# An answer lives for a second: a crowd that asks the same costs the sentries one request.",
    "# The height that REST is asked for may stand in a header, which the cache would not see.",
    "acl asks_for_height req.hdr_cnt(x-cosmos-block-height) gt 0",
    "acl asks_for_height req.hdr_cnt(grpc-metadata-x-cosmos-block-height) gt 0",
    "http-request set-var(txn.cached) bool(true) if is_read METH_GET !asks_for_height",
    `http-request cache-use ${service} if { var(txn.cached) -m bool }`,
    "http-response set-header Cache-Control max-age=1 if { var(txn.cached) -m bool } { status 200 }",
    `http-response cache-store ${service} if { var(txn.cached) -m bool }`,
    `filter cache ${service}`,
    "filter compression",
    "compression algo gzip",
    "compression type application/json text/plain",
  ]
}

function retryRules(isSafe: string): readonly string[] {
  return [
    "# Only what reads is asked again: a transaction that may have arrived is not sent twice.",
    "retry-on conn-failure empty-response",
    `http-request disable-l7-retry unless ${isSafe}`,
  ]
}

function check(path: string, flag: string): readonly string[] {
  return [
    "# A sentry that is still catching up would tell users of a past that is over.",
    "option httpchk",
    `http-check send meth GET uri ${path} ver HTTP/1.1 hdr Host sentry`,
    `http-check expect rstring '"${flag}":[[:space:]]*false'`,
  ]
}
