/** One JSON-RPC call to a CometBFT node; an error of the node or of the connection throws. */
export async function callRpc(url: string, method: string, params: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    signal: AbortSignal.timeout(5000),
  })
  const body: unknown = await response.json()
  if (typeof body !== "object" || body === null) throw new Error(`${url} ${method}: no JSON object`)
  if ("error" in body) throw new Error(`${url} ${method}: ${JSON.stringify(body.error)}`)
  if (!("result" in body)) throw new Error(`${url} ${method}: no result`)
  return body.result
}
