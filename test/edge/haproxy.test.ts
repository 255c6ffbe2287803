import { once } from "node:events"
import { readFileSync } from "node:fs"
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2"
import { connect } from "node:net"
import { join } from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { ensureSetup } from "../../dev/setup/ensure-setup.ts"
import { AGENT_PORT } from "../../src/core/render/agent-port.ts"
import { API_LISTEN_PORT, apiHaproxyConfig, HOLD_SCRIPT } from "../../src/core/render/api-haproxy.ts"
import { MAX_BODY_BYTES } from "../../src/core/render/edge-errors.ts"
import { EDGE_LISTEN_PORT, edgeHaproxyConfig } from "../../src/core/render/edge-haproxy.ts"
import type { EdgeEntry, Topology } from "../../src/core/topology.ts"
import { docker } from "../lab/docker.ts"
import { waitUntil } from "../lab/wait-until.ts"
import { ask, type Question } from "../support/ask.ts"
import { FakeNode, fakeAgent } from "../support/fake-node.ts"
import { goldenTopology } from "../support/golden-topology.ts"
import { type LoopbackNetwork, onLoopback } from "../support/loopback-network.ts"
import { TEMPLATES_DIR } from "../support/package-paths.ts"
import { haproxyComplaints, runHaproxy } from "../support/running-haproxy.ts"

const SETUP_LIMIT_MS = 20 * 60_000
const STUCK_AFTER_MS = 30_000
const HOLD = { [HOLD_SCRIPT]: readFileSync(join(TEMPLATES_DIR, HOLD_SCRIPT), "utf8") }
const full = goldenTopology(readFileSync(join(import.meta.dirname, "../support/rule-base.yaml"), "utf8"))

function first<T>(list: readonly T[]): T {
  const [item] = list
  if (item === undefined) throw new Error("the sample topology lacks what this test needs")
  return item
}

const edge = first(full.edges)
const empty: EdgeEntry = { ...edge, sentries: { rpc: [], rest: [], grpc: [] } }
const variants: readonly (readonly [string, string])[] = [
  ["an api's", apiHaproxyConfig(full, first(full.apis))],
  ["an api's with one node", apiHaproxyConfig(full, { ...first(full.apis), upstreams: ["node-1"] })],
  ["an entry point's", edgeHaproxyConfig(full, edge)],
  ["an entry point's with a websocket", edgeHaproxyConfig(full, { ...edge, websocket: true })],
  ["an entry point's without gRPC", edgeHaproxyConfig(full, { ...edge, grpcPort: undefined })],
  ["an entry point's for gRPC alone", edgeHaproxyConfig(full, { ...empty, sentries: { ...empty.sentries, grpc: ["sentry-1"] } })],
  ["an entry point's without sentries", edgeHaproxyConfig(full, empty)],
]

describe("HAProxy takes the configuration without a word against it", () => {
  it.each(variants)("%s, on this machine", async (_, config) => {
    expect(await haproxyComplaints(config, HOLD)).toBe("")
  })

  it(
    "all of them, in the version of a lab host",
    async () => {
      const { images } = await ensureSetup((line) => process.stderr.write(`${line}\n`))
      const script = variants.map(
        (_, index) => `sed -n '/^=${index}=$/,/^=end=$/p' all | sed '1d;$d' > ${index}.cfg; haproxy -c -V -f ${index}.cfg 2>&1`,
      )
      const input = variants.map(([, config], index) => `=${index}=\n${config}=end=\n`).join("")
      const said = await docker(
        [
          "run",
          "--rm",
          "--interactive",
          "--network",
          "none",
          "--entrypoint",
          "sh",
          images.host,
          "-c",
          `cd /tmp; cat > all; printf '%s' "$0" > ${HOLD_SCRIPT}; haproxy -v | head -1; ${script.join("; ")}`,
          HOLD[HOLD_SCRIPT] ?? "",
        ],
        input,
      )
      expect(said.split("\n")).toEqual([
        expect.stringMatching(/^HAProxy version 3\./),
        ...variants.map(() => "Configuration file is valid"),
      ])
    },
    SETUP_LIMIT_MS,
  )
})

/** What a sentry must not be asked: its answer has the addresses of the private nodes. */
const NET_INFO = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "net_info", params: {} })

class Entry {
  readonly network: LoopbackNetwork = onLoopback(full)
  readonly nodes = new Map<string, FakeNode>()

  node(name: string): FakeNode {
    const node = this.nodes.get(name)
    if (!node) throw new Error(`this test runs no ${name}`)
    return node
  }

  /** Both sentries' RPC and REST, and an entry point before them. */
  async start(change: (entry: EdgeEntry) => EdgeEntry = (entry) => entry): Promise<void> {
    for (const [name, number] of [
      ["sentry-1", 11],
      ["sentry-2", 12],
    ] as const) {
      await this.#run(name, new FakeNode(name, this.network.address(number), 26657))
      await this.#run(`${name}-rest`, new FakeNode(`${name}-rest`, this.network.address(number), 1317))
    }
    await runHaproxy(edgeHaproxyConfig(this.network.topology, change(edge)), this.network.address(1))
  }

  async #run(name: string, node: FakeNode): Promise<void> {
    this.nodes.set(name, node)
    await node.up()
  }

  ask(path: string, question: Question = {}) {
    return ask(this.network.address(1), EDGE_LISTEN_PORT.http, path, { from: this.network.address(200), ...question })
  }

  call(method: string, change: (text: string) => string = (text) => text) {
    return this.ask("/chain-rpc/", { body: change(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: {} })) })
  }

  get work(): readonly string[] {
    return [...this.nodes.values()].flatMap((node) => node.work)
  }
}

/** Asks for a websocket and hears what comes back. */
function openWebsocket(entry: Entry) {
  const socket = connect(EDGE_LISTEN_PORT.http, entry.network.address(1))
  onTestFinished(() => void socket.destroy())
  socket.write(
    "GET /chain-rpc/websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
  )
  let heard = ""
  socket.on("data", (data) => {
    heard += String(data)
  })
  const until = (text: string) =>
    waitUntil(`"${text}" is heard`, async () => (heard.includes(text) ? heard : undefined), {
      stuckAfterMs: STUCK_AFTER_MS,
      progress: () => heard,
    })
  return { socket, until }
}

describe("an entry point", () => {
  it("takes its prefixes off and passes on what may be asked", async () => {
    const entry = new Entry()
    await entry.start()
    const answers = [
      await entry.ask("/chain-rpc/block?height=5"),
      await entry.ask("/chain-api/cosmos/bank/v1beta1/supply?x=1"),
      await entry.ask("/chain-rpc/broadcast_tx_sync?tx=0x00"),
      await entry.call("abci_query"),
      await entry.ask("/chain-api/cosmos/tx/v1beta1/txs", { body: "{}" }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    expect(entry.work.toSorted()).toEqual([
      "GET /block?height=5",
      "GET /broadcast_tx_sync?tx=0x00",
      "GET /cosmos/bank/v1beta1/supply?x=1",
      "POST /",
      "POST /cosmos/tx/v1beta1/txs",
    ])
    for (const { headers } of answers) expect([headers.server, headers["x-powered-by"]]).toEqual([undefined, undefined])
  })

  it("refuses everything else without troubling a sentry", async () => {
    const entry = new Entry()
    await entry.start()
    const refused = async (answer: Promise<{ status: number; body: string }>) => {
      const { status, body } = await answer
      return `${status} ${JSON.parse(body).error}`
    }
    const forbidden = "403 this is not offered here"
    for (const path of [
      "unsafe_flush_mempool",
      "dial_peers?peers=[]",
      "net_info",
      "%64ial_seeds",
      "/dial_seeds",
      "../dial_seeds",
      "websocket",
      "status/",
      "",
    ])
      expect([path, await refused(entry.ask(`/chain-rpc/${path}`))]).toEqual([path, forbidden])
    expect(await refused(entry.call("unsafe_flush_mempool"))).toBe(forbidden)
    expect(await refused(entry.call("dial_peers", (text) => text.replace("method", "Method")))).toBe(forbidden)
    expect(await refused(entry.call("dial_peers", (text) => text.replace("method", "m\\u0065thod")))).toBe(forbidden)
    expect(await refused(entry.call("status", (text) => `[${text},${text.replace("status", "net_info")}]`))).toBe(forbidden)
    expect(await refused(entry.call("status", (text) => text.replace("}", ',"method":"dial_seeds"}')))).toBe(forbidden)
    expect(await refused(entry.ask("/elsewhere"))).toMatch(/^404 there is nothing here/)
    expect(await refused(entry.ask("/chain-rpc/status", { method: "DELETE" }))).toBe("405 this method is not offered here")
    expect(await refused(entry.ask("/chain-api/cosmos/bank/v1beta1/supply", { body: "{}" }))).toBe("405 this method is not offered here")
    expect(await refused(entry.ask("/chain-rpc/", { body: "x".repeat(MAX_BODY_BYTES + 1) }))).toBe(
      `413 the request is larger than ${MAX_BODY_BYTES} bytes`,
    )
    const chunked = { body: "{}", headers: { "Transfer-Encoding": "chunked" } }
    expect(await refused(entry.ask("/chain-rpc/", chunked))).toBe("411 say how long the body is: Content-Length")
    expect(entry.work).toEqual([])
  })

  it("looks at the whole of the longest body", async () => {
    const entry = new Entry()
    await entry.start()
    const padded = (method: string) => (text: string) => {
      const long = text.replace(/^\{/, `{"pad":"${"x".repeat(MAX_BODY_BYTES - text.length - 9)}",`)
      expect([long.length, JSON.parse(long).method]).toEqual([MAX_BODY_BYTES, method])
      return long
    }
    expect((await entry.call("status", padded("status"))).status).toBe(200)
    expect((await entry.call("dial_peers", padded("dial_peers"))).status).toBe(403)
    expect(entry.work).toEqual(["POST /"])
  })

  it("passes on no body that it cannot look at: of another method", async () => {
    const entry = new Entry()
    await entry.start()
    const body = NET_INFO
    for (const method of ["OPTIONS", "GET", "HEAD"]) {
      const answer = await entry.ask("/chain-rpc/", { method, body, headers: { "Content-Length": String(body.length) } })
      expect([method, answer.status]).toEqual([method, 400])
    }
    expect((await entry.ask("/chain-rpc/status", { method: "GET", body, headers: { "Content-Length": "1" } })).status).toBe(400)
    expect(entry.work).toEqual([])
    expect((await entry.ask("/chain-rpc/", { method: "OPTIONS" })).status).toBe(200)
  })

  it("passes on no body that it cannot look at: one that has no room beside a long head", async () => {
    const entry = new Entry()
    await entry.start()
    const body = NET_INFO.replace("{", `{"pad":"${"x".repeat(MAX_BODY_BYTES - 1000)}",`)
    // One line of a head may be as long as all of it.
    const headers = { "X-Pad": "x".repeat(20_000) }
    const answer = await entry.ask("/chain-rpc/", { body, headers })
    expect([answer.status, JSON.parse(answer.body)]).toEqual([413, { error: `the request is larger than ${MAX_BODY_BYTES} bytes` }])
    expect(entry.work).toEqual([])
    expect((await entry.call("status")).status).toBe(200)
  })

  it("passes on no body that it cannot look at: one without a length, by HTTP/2", async () => {
    const entry = new Entry()
    await entry.start()
    const session = connectHttp2(`http://${entry.network.address(1)}:${EDGE_LISTEN_PORT.http}`)
    onTestFinished(() => session.destroy())
    const failed = once(session, "error").then(([error]) => String(error))
    const stream = session.request({ ":method": "POST", ":path": "/chain-rpc/", "content-type": "application/json" })
    stream.on("error", () => undefined)
    const answered = new Promise<string>((resolve) => stream.on("response", (head) => resolve(`answered ${head[":status"]}`)))
    stream.end(NET_INFO.replace("{", `{"pad":"${"x".repeat(150_000)}",`))
    expect(await Promise.race([failed, answered])).toMatch(/Protocol error|ECONNRESET|EPIPE|socket hang up/i)
    expect(entry.work).toEqual([])
  })

  it("lets escapes in values through", async () => {
    const entry = new Entry()
    await entry.start()
    const body = '{"jsonrpc":"2.0","id":"a","method":"tx_search","params":{"query":"tx.height\\u003e5 AND a.b=\\"c\\"","page":"1"}}'
    expect((await entry.ask("/chain-rpc/", { body })).status).toBe(200)
  })

  it("slows one client down and no other", async () => {
    const entry = new Entry()
    await entry.start((written) => ({ ...written, requestsPer10s: 5 }))
    const statuses: number[] = []
    for (let index = 0; index < 7; index++) statuses.push((await entry.ask("/chain-rpc/status")).status)
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429])
    expect((await entry.ask("/chain-rpc/status")).body).toBe('{"error":"too many requests from this address: slow down"}')
    expect((await entry.ask("/chain-rpc/status", { from: entry.network.address(201) })).status).toBe(200)
  })

  it("asks a sentry once for what many ask within a second, but not for different heights", async () => {
    const entry = new Entry()
    await entry.start()
    const many = await Promise.all(Array.from({ length: 5 }, () => entry.ask("/chain-rpc/validators")))
    const again = await entry.ask("/chain-rpc/validators")
    expect([...many, again].map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200])
    expect(entry.work.length).toBeLessThanOrEqual(5)
    const before = entry.work.length
    await entry.ask("/chain-rpc/commit")
    await entry.ask("/chain-rpc/commit")
    expect(entry.work.length).toBe(before + 1)
    const height = { headers: { "x-cosmos-block-height": "7" } }
    await entry.ask("/chain-api/cosmos/bank/v1beta1/supply")
    await entry.ask("/chain-api/cosmos/bank/v1beta1/supply", height)
    await entry.ask("/chain-api/cosmos/bank/v1beta1/supply", height)
    expect(entry.work.length).toBe(before + 4)
  })

  it("goes on with the other sentry, asks twice for what reads and sends a transaction once", async () => {
    const entry = new Entry()
    await entry.start()
    const { node: chosen } = JSON.parse((await entry.ask("/chain-rpc/block")).body)
    const other = chosen === "sentry-1" ? "sentry-2" : "sentry-1"
    entry.node(chosen).drops.add("/tx?hash=0x1").add("/")
    expect(JSON.parse((await entry.ask("/chain-rpc/tx?hash=0x1")).body)).toEqual({ node: other })
    expect((await entry.call("broadcast_tx_sync")).status).toBe(502)
    expect(entry.work.filter((line) => line === "POST /")).toEqual(["POST /"])
    await entry.node(chosen).down()
    expect(JSON.parse((await entry.ask("/chain-rpc/header?height=1")).body)).toEqual({ node: other })
    expect(JSON.parse((await entry.call("broadcast_tx_sync")).body)).toEqual({ node: other })
  })

  it("leaves out a sentry that catches up, and says so when none is left", async () => {
    const entry = new Entry()
    await entry.start()
    for (const name of ["sentry-1", "sentry-2"]) entry.node(name).answers.set("/status", '{"result": {"sync_info": {"catching_up": true}}}')
    const answer = await waitUntil(
      "the entry point sees it",
      async () => {
        const seen = await entry.ask("/chain-rpc/num_unconfirmed_txs")
        return seen.status === 503 ? seen : undefined
      },
      { stuckAfterMs: STUCK_AFTER_MS },
    )
    expect(answer.body).toBe('{"error":"no node behind this entry point is up: try again soon"}')
    expect((await entry.ask("/health")).status).toBe(200)
    expect((await entry.ask("/chain-api/cosmos/bank/v1beta1/supply")).status).toBe(200)
  })

  it("says which service no sentry offers", async () => {
    const entry = new Entry()
    await entry.start(() => empty)
    const [rpc, rest, health] = [await entry.ask("/chain-rpc/status"), await entry.ask("/chain-api/x"), await entry.ask("/health")]
    expect([rpc.status, rpc.body]).toEqual([503, '{"error":"no sentry of this deployment offers rpc"}'])
    expect([rest.status, rest.body]).toEqual([503, '{"error":"no sentry of this deployment offers rest"}'])
    expect(health.status).toBe(503)
  })

  it("opens no websocket", async () => {
    const entry = new Entry()
    await entry.start()
    const heard = openWebsocket(entry)
    expect(await heard.until("HTTP/1.1 ")).toMatch(/^HTTP\/1\.1 403 /)
    expect(entry.work).toEqual([])
  })

  it("opens a websocket where that is wanted", async () => {
    const entry = new Entry()
    await entry.start((written) => ({ ...written, websocket: true }))
    const heard = openWebsocket(entry)
    await heard.until("HTTP/1.1 101")
    heard.socket.write("hello")
    await heard.until("heard hello")
  })

  it("passes gRPC on to a sentry that offers it", async () => {
    const entry = new Entry()
    const server = createHttp2Server()
    server.on("stream", (stream, headers) => {
      stream.respond({ ":status": 200, "content-type": "application/grpc", server: "a-node-of-some-version" })
      stream.end(`asked for ${headers[":path"]}`)
    })
    server.listen(9090, entry.network.address(11))
    await once(server, "listening")
    onTestFinished(() => void server.close())
    await entry.start()
    const session = connectHttp2(`http://${entry.network.address(1)}:${EDGE_LISTEN_PORT.grpc}`)
    onTestFinished(() => session.destroy())
    const stream = session.request({ ":method": "POST", ":path": "/cosmos.bank.v1beta1.Query/Balance", "content-type": "application/grpc" })
    stream.end("x")
    let body = ""
    stream.on("data", (chunk) => {
      body += String(chunk)
    })
    const [headers] = await once(stream, "response")
    await once(stream, "end")
    expect([headers[":status"], headers.server, body]).toEqual([200, undefined, "asked for /cosmos.bank.v1beta1.Query/Balance"])
  })
})

class ApiSide {
  readonly network = onLoopback(full)
  readonly topology: Topology = this.network.topology
  readonly nodes = new Map<string, FakeNode>()

  async start(names: readonly string[]): Promise<void> {
    for (const name of names) await this.up(name)
    await runHaproxy(apiHaproxyConfig(this.topology, first(this.topology.apis)), this.network.address(1), HOLD)
  }

  /** RPC and REST of a node; `node-2` is the preferred one. */
  async up(name: string): Promise<void> {
    for (const [service, port] of [
      ["rpc", 26657],
      ["rest", 1317],
    ] as const) {
      const node = new FakeNode(`${name}-${service}`, this.addressOf(name), port)
      this.nodes.set(`${name}-${service}`, node)
      await node.up()
    }
  }

  async down(name: string): Promise<void> {
    for (const service of ["rpc", "rest"]) await this.nodes.get(`${name}-${service}`)?.down()
  }

  addressOf(name: string): string {
    return this.network.address(20 + Number(name.slice("node-".length)))
  }

  async answering(service: "rpc" | "rest" = "rpc"): Promise<string> {
    return JSON.parse((await ask(this.network.address(1), API_LISTEN_PORT[service], "/who")).body).node
  }

  until(node: string): Promise<true> {
    const look = async () => ((await this.answering().catch(() => "")) === node ? true : undefined)
    return waitUntil(`${node} answers`, look, { stuckAfterMs: STUCK_AFTER_MS })
  }

  /** An open websocket, as the api keeps one. */
  async websocket(): Promise<{ readonly closed: Promise<unknown> }> {
    const socket = connect(API_LISTEN_PORT.rpc, this.network.address(1))
    onTestFinished(() => void socket.destroy())
    socket.on("error", () => {})
    socket.write("GET /websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
    await once(socket, "data")
    socket.resume()
    return { closed: once(socket, "close") }
  }
}

describe("the load balancer of an api", () => {
  it("uses the first node, moves everything to the next one when that is lost, and stays there", async () => {
    const api = new ApiSide()
    await api.start(["node-1", "node-2", "node-3"])
    expect([await api.answering(), await api.answering("rest")]).toEqual(["node-2-rpc", "node-2-rest"])
    await api.down("node-2")
    await api.until("node-3-rpc")
    expect(await api.answering("rest")).toBe("node-3-rest")
    await api.up("node-2")
    const checks = () => api.nodes.get("node-2-rpc")?.asked.length ?? 0
    await waitUntil("node-2 is looked at again and again", async () => (checks() >= 6 ? true : undefined), {
      stuckAfterMs: STUCK_AFTER_MS,
      progress: () => `${checks()}`,
    })
    expect([await api.answering(), await api.answering("rest")]).toEqual(["node-3-rpc", "node-3-rest"])
  })

  it("cuts what is open to a node that hangs, for all services", async () => {
    const api = new ApiSide()
    await api.start(["node-2", "node-3"])
    const socket = await api.websocket()
    const hung = api.nodes.get("node-2-rpc")
    if (hung) hung.hangs = true
    await socket.closed
    await api.until("node-3-rpc")
    expect(await api.answering("rest")).toBe("node-3-rest")
  })

  it("leaves a node of which its agent says that it is down", async () => {
    const api = new ApiSide()
    const agent = await fakeAgent(api.addressOf("node-2"), AGENT_PORT)
    await api.start(["node-2", "node-3"])
    const socket = await api.websocket()
    agent.say = "down"
    await socket.closed
    expect([await api.answering(), await api.answering("rest")]).toEqual(["node-3-rpc", "node-3-rest"])
    expect(new Set(agent.heard)).toEqual(new Set(["node-2\n"]))
  })

  it("holds a connection while no node is up", async () => {
    const api = new ApiSide()
    await api.start(["node-2"])
    await api.down("node-2")
    await waitUntil(
      "connections are held",
      async () =>
        (await Promise.race([
          api.answering().then(
            () => false,
            () => false,
          ),
          new Promise((resolve) => setTimeout(resolve, 4000, true)),
        ])) || undefined,
      { stuckAfterMs: 60_000 },
    )
    const held = api.answering()
    await api.up("node-2")
    expect(await held).toBe("node-2-rpc")
  })
})
