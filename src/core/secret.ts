/** A value that must not be printed: every accidental way to text gives a placeholder, and only `expose` gives the value. */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** The value itself; call it only where it is written to its destination. */
  expose(): string {
    return this.#value
  }

  toString(): string {
    return "[secret]"
  }

  toJSON(): string {
    return "[secret]"
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "[secret]"
  }
}
