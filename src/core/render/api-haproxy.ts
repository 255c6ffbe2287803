import { type ApiInstance, hostOf, nodeOf, QUERY_SERVICES, type QueryService, type Topology } from "../topology.ts"
import { AGENT_PORT } from "./agent-port.ts"
import { haproxyText, PROCESS_LINES, type Section } from "./haproxy-text.ts"

/** Gonka's programs look for their node under these ports, hard-wired in some of them, so the load balancer offers the same. */
export const API_LISTEN_PORT: Readonly<Record<QueryService, number>> = { rpc: 26657, rest: 1317, grpc: 9090 }

/** The file of `templates/` that has to lie beside the configuration. */
export const HOLD_SCRIPT = "hold.lua"

/** How long the hold may last, longer than the script's own limit: HAProxy would end it in the middle otherwise. */
const HOLD_LIMIT = "45s"

/** The load balancer that gives Gonka's api one node, and the next one when that is lost. */
export function apiHaproxyConfig(topology: Topology, api: ApiInstance): string {
  return haproxyText(
    [
      `Written by gonka-ha: the nodes that ${api.name} of ${topology.deployment} reads, as one.`,
      "Connections are passed on as they are (tcp): errors of a node reach the api as the node said them.",
    ],
    [
      GLOBAL,
      DEFAULTS,
      STICKY,
      ...QUERY_SERVICES.map(frontend),
      backend(topology, api, "rpc"),
      ...(["rest", "grpc"] as const).map((service) => backend(topology, api, service)),
    ],
  )
}

const GLOBAL: Section = {
  head: "global",
  lines: [...PROCESS_LINES, "maxconn 4000", `# ${HOLD_SCRIPT} lies beside this file.`, "default-path config", `lua-load ${HOLD_SCRIPT}`],
}

const DEFAULTS: Section = {
  head: "defaults",
  lines: [
    "mode tcp",
    "log global",
    "option tcplog",
    "option dontlognull",
    "# A lost node costs a connection attempt and not a request: the last try goes to another node.",
    "retries 3",
    "option redispatch 1",
    "timeout connect 2s",
    "timeout check 2s",
    "timeout queue 10s",
    "# The api keeps one websocket open for as long as it runs; a chain that halts must not cut it.",
    "timeout client 1h",
    "timeout server 1h",
    "timeout tunnel 1h",
    "# The api's side of a connection that its node has left is not kept.",
    "timeout client-fin 30s",
    "timeout server-fin 30s",
    "option clitcpka",
    "option srvtcpka",
  ],
}

const STICKY: Section = {
  head: "backend current",
  lines: [
    "# One entry for everybody: all connections and all three services stay on one node, since two nodes are never at the same height.",
    "# It is kept when a better node comes back: each move costs the api about ten seconds of events, so none is made without need.",
    "stick-table type integer size 1",
  ],
}

function frontend(service: QueryService): Section {
  return {
    head: `frontend in_${service}`,
    lines: [
      `bind :${API_LISTEN_PORT[service]}`,
      `# With no node at all a connection waits for one: the api ends itself when it is refused (see ${HOLD_SCRIPT}).`,
      `tcp-request inspect-delay ${HOLD_LIMIT}`,
      `tcp-request content lua.hold ${service} if { nbsrv(${service}) eq 0 }`,
      `default_backend ${service}`,
    ],
  }
}

function backend(topology: Topology, api: ApiInstance, service: QueryService): Section {
  return {
    head: `backend ${service}`,
    lines: [
      "stick on int(1) table current",
      ...(service === "rpc" ? CHECK_LINES : ["# A node is judged by its RPC alone, so that it is in or out for all services at once."]),
      "# What is open to a node that goes down is cut at once: the api then dials again, and comes to another node.",
      "default-server on-marked-down shutdown-sessions",
      ...api.upstreams.map((name, index) => serverLine(topology, service, name, index > 0)),
    ],
  }
}

const CHECK_LINES: readonly string[] = [
  "# A node that hangs still takes connections, so an answer is asked for.",
  "option httpchk",
  "http-check send meth GET uri /health ver HTTP/1.1 hdr Host node",
  "http-check expect status 200",
  "# Whether a node is fresh shows only beside the others and the clock, which an agent on its host looks at. It may say `down`; while",
  "# there is none, the check above decides alone.",
  `default-server inter 2s fastinter 1s downinter 2s fall 3 rise 3 agent-inter 1s agent-port ${AGENT_PORT}`,
]

function serverLine(topology: Topology, service: QueryService, name: string, isBackup: boolean): string {
  const node = nodeOf(topology, name)
  const address = `${hostOf(topology, node.host).privateAddress}:${node.ports[service]}`
  const judged = service === "rpc" ? `check agent-check agent-send "${name}\\n"` : `track rpc/${name}`
  return `server ${name} ${address} ${judged}${isBackup ? " backup" : ""}`
}
