import { Duplex } from "node:stream"

export type Limits = {
  readonly maxBytes: number
  /** For everything together, however steadily it drips. */
  readonly withinMs: number
}

/** The far side answers, and does not stop. */
export class TooLargeError extends Error {
  constructor(maxBytes: number) {
    super(`the answer is larger than ${maxBytes / 1_000_000} MB`)
  }
}

/** A stream that ends with an error where the far side says too much, or takes too long to say it. */
export class LimitedStream extends Duplex {
  readonly #inner: Duplex
  readonly #giveUp: NodeJS.Timeout
  readonly #maxBytes: number
  #leftBytes: number

  constructor(inner: Duplex, { maxBytes, withinMs }: Limits) {
    super()
    this.#inner = inner
    this.#maxBytes = maxBytes
    this.#leftBytes = maxBytes
    this.#giveUp = setTimeout(() => this.destroy(new Error(`no answer within ${withinMs / 1000} s`)), withinMs)
    inner.on("data", (piece: Buffer) => this.#take(piece))
    inner.on("end", () => this.push(null))
    inner.on("error", (error) => this.destroy(error))
    inner.on("close", () => {
      if (!inner.readableEnded) this.push(null)
    })
  }

  #take(piece: Buffer): void {
    this.#leftBytes -= piece.length
    if (this.#leftBytes < 0) this.destroy(new TooLargeError(this.#maxBytes))
    else if (!this.push(piece)) this.#inner.pause()
  }

  override _read(): void {
    this.#inner.resume()
  }

  override _write(piece: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#inner.write(piece, encoding, done)
  }

  override _final(done: () => void): void {
    this.#inner.end(done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#giveUp)
    this.#inner.destroy()
    done(error)
  }

  // What an HTTP client asks of a socket, and what has no meaning here.
  setTimeout(): this {
    return this
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }
}
