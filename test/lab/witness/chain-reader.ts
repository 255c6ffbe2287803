import { z } from "zod"
import type { Block } from "./block.ts"
import { BLOCK } from "./block.ts"

const STATUS = z.object({ sync_info: z.object({ latest_block_height: z.coerce.number(), earliest_block_height: z.coerce.number() }) })
const VALIDATORS = z.object({ validators: z.array(z.object({ address: z.string() })), total: z.coerce.number() })
const QUERY = z.object({ response: z.object({ value: z.string().nullish(), code: z.number().optional(), log: z.string().optional() }) })
const PER_PAGE = 100
const TIMEOUT_MS = 5000

/** Reads a chain from several nodes: the first one that answers is believed, because none of them is ours. */
export class ChainReader {
  readonly #urls: readonly string[]

  constructor(urls: readonly string[]) {
    this.#urls = urls
  }

  async tip(): Promise<number> {
    return STATUS.parse(await this.#get("status")).sync_info.latest_block_height
  }

  async block(height: number): Promise<Block> {
    return BLOCK.parse(await this.#get(`block?height=${height}`)).block
  }

  /** The addresses of a height's validator set, in the set's own order. */
  async members(height: number): Promise<readonly string[]> {
    const addresses: string[] = []
    for (let page = 1; ; page++) {
      const answer = VALIDATORS.parse(await this.#get(`validators?height=${height}&page=${page}&per_page=${PER_PAGE}`))
      addresses.push(...answer.validators.map(({ address }) => address))
      if (addresses.length >= answer.total || answer.validators.length === 0) return addresses
    }
  }

  /** The raw answer of an application query; undefined where the application knows nothing. */
  async query(path: string, data: Uint8Array): Promise<Buffer | undefined> {
    const hex = Buffer.from(data).toString("hex")
    const { response } = QUERY.parse(await this.#get(`abci_query?path=${encodeURIComponent(`"${path}"`)}&data=0x${hex}`))
    return response.value == null ? undefined : Buffer.from(response.value, "base64")
  }

  async #get(path: string): Promise<unknown> {
    const failures: string[] = []
    for (const url of this.#urls) {
      try {
        const response = await fetch(`${url}/${path}`, { signal: AbortSignal.timeout(TIMEOUT_MS) })
        const body = z.object({ result: z.unknown().optional(), error: z.unknown().optional() }).parse(await response.json())
        if (body.result !== undefined && body.error === undefined) return body.result
        failures.push(`${url}: ${JSON.stringify(body.error)}`)
      } catch (cause) {
        failures.push(`${url}: ${cause instanceof Error ? cause.message : String(cause)}`)
      }
    }
    throw new Error(`no node answers ${path}: ${failures.join("; ")}`)
  }
}
