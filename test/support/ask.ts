import { request } from "node:http"

export type Answer = { readonly status: number; readonly body: string; readonly headers: Readonly<Record<string, unknown>> }

export type Question = {
  readonly method?: string
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  /** The address of this machine that asks. */
  readonly from?: string
}

/** One request on a connection of its own, as an outsider makes it. */
export function ask(address: string, port: number, path: string, question: Question = {}): Promise<Answer> {
  const { method = question.body === undefined ? "GET" : "POST", body, headers, from } = question
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: address, port, path, method, agent: false, headers: { ...headers }, ...(from === undefined ? {} : { localAddress: from }) },
      (response) => {
        let text = ""
        response.on("data", (chunk) => {
          text += String(chunk)
        })
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text, headers: response.headers }))
        response.on("error", reject)
      },
    )
    sent.on("error", reject)
    sent.end(body)
  })
}
