/** A line without its end, cut where it was too long. */
export type CutLine = { readonly text: string; readonly lostChars: number }

/** Makes lines out of pieces that end anywhere, and keeps never more than one line of the greatest length. */
export class LineCutter {
  readonly #maxChars: number
  readonly #decoder = new TextDecoder()
  #text = ""
  #lostChars = 0
  #hasBegun = false

  constructor(maxChars: number) {
    this.#maxChars = maxChars
  }

  /** The lines that end in this piece. */
  push(piece: Uint8Array): readonly CutLine[] {
    return this.#take(this.#decoder.decode(piece, { stream: true }))
  }

  /** The last line, where it has no end. */
  end(): readonly CutLine[] {
    const ended = this.#take(this.#decoder.decode())
    return this.#hasBegun ? [...ended, this.#line()] : ended
  }

  #take(text: string): readonly CutLine[] {
    const [first = "", ...others] = text.split("\n")
    const lines: CutLine[] = []
    this.#add(first)
    for (const part of others) {
      lines.push(this.#line())
      this.#add(part)
    }
    return lines
  }

  #add(part: string): void {
    if (part === "") return
    this.#hasBegun = true
    const room = this.#maxChars - this.#text.length
    this.#text += part.slice(0, room)
    this.#lostChars += Math.max(0, part.length - room)
  }

  #line(): CutLine {
    const line = { text: this.#text.endsWith("\r") ? this.#text.slice(0, -1) : this.#text, lostChars: this.#lostChars }
    this.#text = ""
    this.#lostChars = 0
    this.#hasBegun = false
    return line
  }
}
