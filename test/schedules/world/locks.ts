/** File locks of one host: a path, and who holds it. They end with their holder. */
export class Locks {
  readonly #holders = new Map<string, object>()

  /** `flock -n`. */
  take(path: string, holder: object): boolean {
    if (this.#holders.has(path)) return false
    this.#holders.set(path, holder)
    return true
  }

  isHeld(path: string): boolean {
    return this.#holders.has(path)
  }

  release(path: string, holder: object): void {
    if (this.#holders.get(path) === holder) this.#holders.delete(path)
  }

  clear(): void {
    this.#holders.clear()
  }
}
