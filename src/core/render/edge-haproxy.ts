import type { EdgeEntry, QueryService, Topology } from "../topology.ts"
import { cacheOf, EDGE_PREFIX, edgeBackend, HTTP_SERVICES, type HttpService } from "./edge-backends.ts"
import { answerWith, ERROR_LINES, MAX_BODY_BYTES } from "./edge-errors.ts"
import { haproxyText, PROCESS_LINES, type Section } from "./haproxy-text.ts"

/** Ports inside the container; on the host they are those of the topology. */
export const EDGE_LISTEN_PORT = { http: 8080, grpc: 9090 } as const

/** A request is looked at before it is passed on, so its head and the longest body fit into one buffer together. */
const EDGE_BUFFER_BYTES = 65_536

/** The load balancer that users reach: it lets through what a sentry may be asked, shared among the sentries that offer it. */
export function edgeHaproxyConfig(topology: Topology, edge: EdgeEntry): string {
  const offered = HTTP_SERVICES.filter((service) => edge.sentries[service].length > 0)
  const grpcIsOn = edge.grpcPort !== undefined
  return haproxyText(
    [`Written by gonka-ha: the public entry point ${edge.name} of ${topology.deployment}, in front of its sentries.`],
    [
      { head: "global", lines: [...PROCESS_LINES, "maxconn 4000", `tune.bufsize ${EDGE_BUFFER_BYTES}`] },
      defaults(edge),
      CLIENTS,
      ...offered.map(cacheOf),
      httpFrontend(edge, offered),
      ...(grpcIsOn ? [grpcFrontend(edge)] : []),
      ...offered.map((service) => edgeBackend(topology, edge, service)),
      ...(grpcIsOn && edge.sentries.grpc.length > 0 ? [edgeBackend(topology, edge, "grpc")] : []),
    ],
  )
}

function defaults({ websocket }: EdgeEntry): Section {
  return {
    head: "defaults",
    lines: [
      "mode http",
      "log global",
      "option httplog",
      "option dontlognull",
      "timeout connect 2s",
      "timeout check 2s",
      "timeout queue 5s",
      "# Slow clients are not waited for.",
      "timeout http-request 10s",
      "timeout http-keep-alive 15s",
      "timeout client 30s",
      "timeout server 30s",
      ...(websocket ? ["# A websocket hears of each block; one that hears nothing for an hour is dead.", "timeout tunnel 1h"] : []),
      "retries 2",
      "option redispatch 1",
      ...ERROR_LINES,
    ],
  }
}

const CLIENTS: Section = {
  head: "backend clients",
  lines: [
    "# Requests by client address, for all listeners together.",
    "stick-table type ipv6 size 100k expire 1m store http_req_rate(10s)",
  ],
}

/** Nobody needs to know what runs here. */
const HIDE_LINES: readonly string[] = ["http-response del-header server", "http-response del-header x-powered-by"]

const BODY_LINES: readonly string[] = [
  "# A body is looked at before it is passed on, so its length is known first, and then all of it is waited for.",
  `${answerWith(411, "say how long the body is: Content-Length")} if { req.hdr(transfer-encoding) -m found }`,
  `http-request deny deny_status 413 if { req.hdr(content-length) -m int gt ${MAX_BODY_BYTES} }`,
  "# Only the bodies of POST are looked at, but a node answers to the body of any method.",
  "http-request deny deny_status 400 if !METH_POST { req.hdr(content-length) -m int gt 0 }",
  "http-request wait-for-body time 10s if METH_POST",
  "# Beside a long head there is no room for a long body: what has not come in whole cannot be looked at.",
  "http-request set-var(txn.body_here) req.body_len if METH_POST",
  "http-request deny deny_status 413 if METH_POST !{ req.body_size,sub(txn.body_here) eq 0 }",
]

function httpFrontend(edge: EdgeEntry, offered: readonly HttpService[]): Section {
  const isDown = offered.length === 0 ? "TRUE" : offered.map((service) => `{ nbsrv(${service}) eq 0 }`).join(" ")
  return {
    head: "frontend http",
    lines: [
      "# HTTP/1 alone: HTTP/2 sends bodies without saying how long they are, and no body may pass unseen.",
      `bind :${EDGE_LISTEN_PORT.http} proto h1`,
      "# For whoever watches this entry point from outside: it is well while something behind it is up.",
      "monitor-uri /health",
      `monitor fail if ${isDown}`,
      ...rateLimit(edge),
      ...HTTP_SERVICES.map((service) => `acl is_${service} path_beg ${EDGE_PREFIX[service]}`),
      `http-request deny deny_status 404 unless ${HTTP_SERVICES.map((service) => `is_${service}`).join(" or ")}`,
      ...HTTP_SERVICES.filter((service) => !offered.includes(service)).map((service) => `${notOffered(service)} if is_${service}`),
      "http-request deny deny_status 405 unless METH_GET or METH_HEAD or METH_POST or METH_OPTIONS",
      ...BODY_LINES,
      ...offered.map((service) => `use_backend ${service} if is_${service}`),
      ...HIDE_LINES,
    ],
  }
}

function grpcFrontend(edge: EdgeEntry): Section {
  return {
    head: "frontend grpc",
    lines: [
      "# gRPC over HTTP/2 without TLS.",
      `bind :${EDGE_LISTEN_PORT.grpc} proto h2`,
      ...rateLimit(edge),
      edge.sentries.grpc.length > 0 ? "use_backend grpc" : notOffered("grpc"),
      ...HIDE_LINES,
    ],
  }
}

function rateLimit(edge: EdgeEntry): readonly string[] {
  return [
    "# Whoever holds an IPv6 network holds all of its addresses: it counts as one client.",
    "http-request track-sc0 src,ipmask(32,64) table clients",
    `http-request deny deny_status 429 if { sc_http_req_rate(0) gt ${edge.requestsPer10s} }`,
  ]
}

function notOffered(service: QueryService): string {
  return answerWith(503, `no sentry of this deployment offers ${service}`)
}
