import { AppError, EXIT } from "../../src/core/errors.ts"
import type { LocalFiles } from "../../src/core/ports.ts"
import { Secret } from "../../src/core/secret.ts"

/** The operator's files in memory; what is written can be looked at. */
export function memoryFiles(): LocalFiles & { readonly texts: ReadonlyMap<string, string> } {
  const texts = new Map<string, string>()
  const textOf = (content: string | Secret) => (content instanceof Secret ? content.expose() : content)
  return {
    texts,
    async readText(path) {
      const text = texts.get(path)
      if (text === undefined) throw new AppError("FILE_UNREADABLE", EXIT.usage, `cannot read ${path}: there is no such file`)
      return text
    },
    exists: async (path) => texts.has(path),
    async create(path, content) {
      if (texts.has(path)) throw new AppError("FILE_EXISTS", EXIT.refused, `${path} exists already`)
      texts.set(path, textOf(content))
    },
    async replace(path, content) {
      texts.set(path, textOf(content))
    },
    async append(path, line) {
      texts.set(path, `${texts.get(path) ?? ""}${line}\n`)
    },
    list: async (dir) => [...texts.keys()].filter((path) => path.startsWith(`${dir}/`)).map((path) => path.slice(dir.length + 1)),
    async removeBelow(dir, path) {
      texts.delete(`${dir}/${path}`)
    },
  }
}
