import { createServer, type RequestListener } from "node:http"
import { createServer as createTcpServer } from "node:net"
import { join } from "node:path"
import fc from "fast-check"
import { expect, it, onTestFinished } from "vitest"
import { rpcGet } from "../../src/edge/rpc-client.ts"
import { listening, portOf } from "../support/ssh-server.ts"
import { temporaryDir } from "../support/temporary-dir.ts"

/** A server on a Unix socket, as a forwarded port looks from here. */
async function serve(answer: RequestListener): Promise<{ readonly socketPath: string }> {
  const socketPath = join(temporaryDir(), "s")
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { socketPath }
}

const say =
  (text: string): RequestListener =>
  (_, response) =>
    response.end(text)

it("gives the result of what it asked for", async () => {
  const endpoint = await serve((request, response) => response.end(JSON.stringify({ jsonrpc: "2.0", result: { path: request.url } })))
  expect(await rpcGet(endpoint, "/commit?height=7", 1000)).toEqual({ path: "/commit?height=7" })
})

it("asks a port of loopback as well", async () => {
  const server = createServer(say('{"result":1}'))
  await listening(server)
  expect(await rpcGet({ port: portOf(server) }, "/status", 1000)).toBe(1)
  await new Promise((resolve) => server.close(resolve))
})

it("reads an answer that comes in pieces, split inside a character", async () => {
  const text = Buffer.from(JSON.stringify({ result: "ü".repeat(100) }))
  const endpoint = await serve((_, response) => {
    response.write(text.subarray(0, 12))
    setTimeout(() => response.end(text.subarray(12)), 20)
  })
  expect(await rpcGet(endpoint, "/status", 2000)).toBe("ü".repeat(100))
})

it("hands on no text that would steer a terminal", async () => {
  const status = { node_info: { moniker: "\u001b]0;owned\u0007", "\u009bkey": "\u202e" }, height: "7" }
  expect(await rpcGet(await serve(say(JSON.stringify({ result: status }))), "/status", 1000)).toEqual({
    node_info: { moniker: "\\x1b]0;owned\\x07", "\\x9bkey": "\\u{202e}" },
    height: "7",
  })
})

it("reads whatever comes as an answer, or as none that can be used", async () => {
  let text = ""
  const endpoint = await serve((_, response) => response.end(text))
  const anything = fc.oneof(fc.json(), fc.string(), fc.constantFrom('{"result":', "[]", '{"error":{}}', '{"error":0,"result":1e999}'))
  await fc.assert(
    fc.asyncProperty(anything, async (said) => {
      text = said
      const answer = await rpcGet(endpoint, "/status", 5000).catch((error: unknown) => error)
      if (answer instanceof Error) expect(answer).toMatchObject({ code: "RPC", exit: 9 })
    }),
    { numRuns: 50 },
  )
})

it("gives nothing when the answer has no result", async () => {
  expect(await rpcGet(await serve(say("{}")), "/status", 1000)).toBeUndefined()
})

it.each([
  { name: "garbage", text: "<html>not found</html>", message: "RPC /abci_query: the answer is not JSON" },
  { name: "nothing", text: "", message: "RPC /abci_query: the answer is not JSON" },
  { name: "half of an answer", text: '{"result":{"a"', message: "RPC /abci_query: the answer is not JSON" },
  { name: "null", text: "null", message: "RPC /abci_query: the answer is not an object" },
  { name: "a number", text: "7", message: "RPC /abci_query: the answer is not an object" },
  {
    name: "an error of the node",
    text: '{"error":{"code":-32603,"message":"Internal error"}}',
    message: 'RPC /abci_query: {"code":-32603,"message":"Internal error"}',
  },
  {
    name: "an error that would steer a terminal",
    text: JSON.stringify({ error: { message: "\u001b[2J\u202e" } }),
    message: 'RPC /abci_query: {"message":"\\\\x1b[2J\\\\u{202e}"}',
  },
  {
    name: "nesting without end",
    text: `{"result":${"[".repeat(3_000_000)}${"]".repeat(3_000_000)}}`,
    message: "RPC /abci_query: the answer is nested too deeply",
  },
  {
    name: "an error nested without end",
    text: `{"error":${"[".repeat(20_000)}1${"]".repeat(20_000)}}`,
    message: "RPC /abci_query: the answer is nested too deeply",
  },
])("calls $name by its name, without the question's arguments", async ({ text, message }) => {
  const asked = rpcGet(await serve(say(text)), "/abci_query?data=0x00", 1000)
  await expect(asked).rejects.toMatchObject({ code: "RPC", exit: 9, message })
})

it.each<{ readonly name: string; readonly answer: RequestListener }>([
  { name: "never begins to answer", answer: () => {} },
  { name: "never ends its answer", answer: (_, response) => response.write('{"result":') },
  {
    name: "answers drop by drop",
    answer: (_, response) => {
      const drops = setInterval(() => response.write(" "), 20)
      response.on("close", () => clearInterval(drops))
    },
  },
])("gives up in time on a node that $name", async ({ answer }) => {
  const begun = performance.now()
  await expect(rpcGet(await serve(answer), "/status", 300)).rejects.toMatchObject({ message: "RPC /status: no answer within 300 ms" })
  expect(performance.now() - begun).toBeLessThan(3000)
})

it("says that nothing listens, whatever shape that takes", async () => {
  const closing = createTcpServer((socket) => socket.destroy())
  await listening(closing)
  const free = createTcpServer()
  await listening(free)
  const freed = portOf(free)
  await new Promise((resolve) => free.close(resolve))
  const nothing = { code: "RPC", exit: 9, message: "RPC /status: nothing listens" }
  await expect(rpcGet({ port: portOf(closing) }, "/status", 1000)).rejects.toMatchObject(nothing)
  await expect(rpcGet({ port: freed }, "/status", 1000)).rejects.toMatchObject(nothing)
  await new Promise((resolve) => closing.close(resolve))
})

it("says what broke when an answer is cut off", async () => {
  const endpoint = await serve((_, response) => {
    response.writeHead(200, { "content-length": "100" })
    response.write("{")
    setTimeout(() => response.destroy(), 20)
  })
  await expect(rpcGet(endpoint, "/status", 2000)).rejects.toMatchObject({ code: "RPC", message: expect.stringContaining("RPC /status: ") })
})

it("does not read without end", async () => {
  const endpoint = await serve((_, response) => {
    const piece = "x".repeat(1_000_000)
    const more = () => {
      while (response.write(piece));
      response.once("drain", more)
    }
    more()
  })
  await expect(rpcGet(endpoint, "/status", 60_000)).rejects.toMatchObject({ message: "RPC /status: the answer is too large" })
})
