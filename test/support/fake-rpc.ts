import { createServer } from "node:http"
import { onTestFinished } from "vitest"

export type RpcAnswer = { readonly status?: number; readonly body: string }

/** A server in the place of a node's RPC, gone after the test; `asked` are the paths that were asked for, in order. */
export type FakeRpc = { readonly url: string; readonly port: number; readonly asked: readonly string[] }

export async function fakeRpc(answer: (path: string) => RpcAnswer): Promise<FakeRpc> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? ""
    asked.push(path)
    const { status, body } = answer(path)
    response.statusCode = status ?? 200
    response.end(body)
  })
  const port = await listen(server)
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())))
  return { url: `http://127.0.0.1:${port}`, port, asked }
}

/** The URL of a port that nobody listens on. */
export async function nobody(): Promise<string> {
  const server = createServer()
  const port = await listen(server)
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}`
}

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("the server has no port")
  return address.port
}
