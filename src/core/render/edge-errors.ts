/** The longest body of a request; see `EDGE_BUFFER_BYTES`. */
export const MAX_BODY_BYTES = 49_152

/** What the entry point itself answers with: sentences for people, in a form that programs read too. */
const SENTENCES: Readonly<Record<number, string>> = {
  400: "the request cannot be read",
  403: "this is not offered here",
  404: "there is nothing here: chain RPC is below /chain-rpc/, chain REST below /chain-api/",
  405: "this method is not offered here",
  408: "the request took too long to arrive",
  413: `the request is larger than ${MAX_BODY_BYTES} bytes`,
  429: "too many requests from this address: slow down",
  500: "the entry point failed",
  502: "the node behind this entry point answered with nonsense",
  503: "no node behind this entry point is up: try again soon",
  504: "the node behind this entry point took too long",
}

/** Lines for `defaults`: HAProxy's own pages would name HAProxy and be HTML. */
export const ERROR_LINES: readonly string[] = Object.entries(SENTENCES).map(
  ([status, sentence]) => `http-error status ${status} content-type application/json string ${quotedError(sentence)}`,
)

export function answerWith(status: number, sentence: string): string {
  return `http-request return status ${status} content-type application/json string ${quotedError(sentence)}`
}

function quotedError(sentence: string): string {
  return `'${JSON.stringify({ error: sentence })}'`
}
