import { createHash } from "node:crypto"
import { once } from "node:events"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { createServer as createTcpServer, type Socket } from "node:net"
import { onTestFinished } from "vitest"

export type Asked = { readonly method: string; readonly path: string; readonly body: string }

/** A node's HTTP server that answers with its own name, and remembers what it was asked. */
export class FakeNode {
  readonly asked: Asked[] = []
  /** What it answers to a path, when that is not its name. */
  readonly answers = new Map<string, string>()
  /** Takes connections and never says a word. */
  hangs = false
  /** Closes a connection without an answer to these paths. */
  readonly drops = new Set<string>()
  readonly #name: string
  readonly #address: string
  readonly #port: number
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined

  constructor(name: string, address: string, port: number) {
    this.#name = name
    this.#address = address
    this.#port = port
    this.answers.set("/health", "{}")
    this.answers.set("/status", '{"result": {"sync_info": {"catching_up": false}}}')
    this.answers.set("/cosmos/base/tendermint/v1beta1/syncing", '{"syncing":false}')
  }

  async up(): Promise<void> {
    const server = createServer((request, response) => void this.#answer(request, response))
    server.on("upgrade", (request, socket) => {
      socket.on("error", () => {})
      const accepted = acceptedKey(request.headers["sec-websocket-key"] ?? "")
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accepted}\r\n\r\n`,
      )
      socket.on("data", (data) => socket.write(`${this.#name} heard ${data}`))
    })
    server.on("connection", (socket) => {
      this.#sockets.add(socket)
      socket.on("close", () => this.#sockets.delete(socket))
    })
    this.#server = server
    server.listen(this.#port, this.#address)
    await once(server, "listening")
    onTestFinished(() => this.down())
  }

  async down(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (!server) return
    const closed = once(server, "close")
    server.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  /** What it was asked, without the load balancer's own looks. */
  get work(): readonly string[] {
    return this.asked.filter(({ path }) => !this.answers.has(path)).map(({ method, path }) => `${method} ${path}`)
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = ""
    for await (const chunk of request) body += String(chunk)
    const path = request.url ?? ""
    this.asked.push({ method: request.method ?? "", path, body })
    if (this.drops.has(path)) return void request.socket.destroy()
    if (this.hangs) return
    response.setHeader("Server", "a-node-of-some-version").setHeader("Content-Type", "application/json")
    response.end(this.answers.get(path) ?? JSON.stringify({ node: this.#name }))
  }
}

/** RFC 6455, section 4.2.2: how a server shows that it speaks the protocol. */
function acceptedKey(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64")
}

/** An agent that says of a node what it is told to say. */
export async function fakeAgent(address: string, port: number): Promise<{ say: string; readonly heard: string[] }> {
  const agent: { say: string; readonly heard: string[] } = { say: "up", heard: [] }
  const server = createTcpServer((socket) => {
    socket.on("error", () => {})
    socket.once("data", (data) => {
      agent.heard.push(String(data))
      socket.end(`${agent.say}\n`)
    })
  })
  server.listen(port, address)
  await once(server, "listening")
  onTestFinished(() => void server.close())
  return agent
}
