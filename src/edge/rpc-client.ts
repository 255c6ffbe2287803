import { type RequestOptions, request } from "node:http"
import { Duplex } from "node:stream"
import { AppError, EXIT } from "../core/errors.ts"
import { printable, printableIn } from "../core/printable.ts"
import type { Endpoint } from "./connection.ts"

/** Largest answer that is read: a page of validators or a commit of a hundred signatures is far smaller. */
const MAX_ANSWER_BYTES = 32_000_000
const MAX_ERROR_CHARS = 1000
const NOTHING_LISTENS = "nothing listens"

/** GETs a path of a CometBFT RPC server and gives its `result`. @throws AppError RPC with what went wrong. */
export async function rpcGet(endpoint: Endpoint | Duplex, path: string, timeoutMs: number): Promise<unknown> {
  const answer = parsed(await get(endpoint, path, timeoutMs), path)
  if (typeof answer !== "object" || answer === null) throw failure(path, "the answer is not an object")
  if ("error" in answer && answer.error) throw failure(path, JSON.stringify(answer.error).slice(0, MAX_ERROR_CHARS))
  return "result" in answer ? answer.result : undefined
}

/** What a node calls itself, or its peers, must not steer a terminal. */
function parsed(text: string, path: string): unknown {
  try {
    return printableIn(JSON.parse(text))
  } catch (error) {
    throw failure(path, error instanceof RangeError ? "the answer is nested too deeply" : "the answer is not JSON")
  }
}

function get(endpoint: Endpoint | Duplex, path: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    // The signal bounds the whole exchange: a node whose consensus is frozen takes the question and never answers.
    const signal = AbortSignal.timeout(timeoutMs)
    const call = request({ ...addressOf(endpoint), path, signal }, (response) => {
      let text = ""
      response.setEncoding("utf8")
      response.on("data", (chunk: string) => {
        text += chunk
        if (text.length > MAX_ANSWER_BYTES) response.destroy(new Error("the answer is too large"))
      })
      response.on("end", () => resolve(text))
      response.on("error", (error) => reject(failure(path, signal.aborted ? `no answer within ${timeoutMs} ms` : error.message)))
    })
    call.on("error", (error) => reject(failure(path, signal.aborted ? `no answer within ${timeoutMs} ms` : plain(error.message))))
    call.end()
  })
}

function addressOf(endpoint: Endpoint | Duplex): RequestOptions {
  if (endpoint instanceof Duplex) return { createConnection: () => endpoint }
  return "socketPath" in endpoint
    ? { socketPath: endpoint.socketPath, agent: false }
    : { host: "127.0.0.1", port: endpoint.port, agent: false }
}

/** A forwarded socket is accepted by ssh and closed at once when nothing listens behind it. */
function plain(message: string): string {
  return message === "socket hang up" || message.includes("ECONNRESET") || message.includes("ECONNREFUSED") || message.includes("EPIPE")
    ? NOTHING_LISTENS
    : message
}

/** True of a connection that was closed before anything came over it. */
export function nothingListens(error: unknown): boolean {
  return error instanceof AppError && error.message.endsWith(`: ${NOTHING_LISTENS}`)
}

function failure(path: string, reason: string): AppError {
  return new AppError("RPC", EXIT.unreachable, `RPC ${path.split("?")[0]}: ${printable(reason)}`)
}
