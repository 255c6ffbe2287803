import { readFileSync } from "node:fs"
import { join } from "node:path"
import { z } from "zod"

const value = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])

/** Key and default of both files of a version, in order, as they were listed from what its node's own `init` wrote. */
export function listedKeys(version: string): Readonly<Record<"config" | "app", readonly (readonly [string, z.infer<typeof value>])[]>> {
  const text = readFileSync(join(import.meta.dirname, `${version}.txt`), "utf8")
  const [, config = "", app = ""] = /^\[config\.toml\]\n(.*)\n\[app\.toml\]\n(.*)$/s.exec(text) ?? []
  return { config: entriesIn(config), app: entriesIn(app) }
}

function entriesIn(text: string): (readonly [string, z.infer<typeof value>])[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const at = line.indexOf(" = ")
      return [line.slice(0, at), value.parse(JSON.parse(line.slice(at + 3)))]
    })
}
