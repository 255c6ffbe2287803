import type { Random } from "../random.ts"

/** How long the kernel may keep what was written and not synced. */
const WRITE_BACK_MS = 10_000

/** A host's files. What was not synced may be an older version after a power loss. */
export class Disk {
  readonly #files = new Map<string, string>()
  readonly #older = new Map<string, { readonly untilMs: number; readonly text: string | undefined }[]>()

  read(path: string): string | undefined {
    return this.#files.get(path)
  }

  /** A small file in one line, as shell substitution reads it. */
  word(path: string): string | undefined {
    return this.#files.get(path)?.trim()
  }

  has(path: string): boolean {
    return this.#files.has(path)
  }

  /** Replaces by rename; synced unless a time is given at which it was merely written. */
  write(path: string, text: string, unsyncedAtMs?: number): void {
    if (unsyncedAtMs === undefined) this.#older.delete(path)
    else {
      const versions = (this.#older.get(path) ?? []).filter(({ untilMs }) => untilMs > unsyncedAtMs - WRITE_BACK_MS)
      versions.push({ untilMs: unsyncedAtMs, text: this.#files.get(path) })
      this.#older.set(path, versions)
    }
    this.#files.set(path, text)
  }

  append(path: string, text: string): void {
    this.#files.set(path, `${this.#files.get(path) ?? ""}${text}`)
  }

  remove(path: string): void {
    this.#older.delete(path)
    this.#files.delete(path)
  }

  sync(path: string): void {
    this.#older.delete(path)
  }

  loseUnsynced(nowMs: number, random: Random): void {
    for (const [path, versions] of this.#older) {
      const then = nowMs - random.between(0, WRITE_BACK_MS)
      const version = versions.find(({ untilMs }) => untilMs > then)
      if (!version) continue
      if (version.text === undefined) this.#files.delete(path)
      else this.#files.set(path, version.text)
    }
    this.#older.clear()
  }

  below(dir: string): [string, string][] {
    return [...this.#files].filter(([path]) => path.startsWith(dir))
  }

  /** Puts a directory back as it was in an earlier copy; what came later is gone. */
  restore(dir: string, copy: readonly (readonly [string, string])[]): void {
    for (const [path] of this.below(dir)) this.remove(path)
    for (const [path, text] of copy) this.write(path, text)
  }
}
