import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import type { Operator } from "./operator.ts"

/** Long runs of base64: seeds and private keys. Public keys are not secret, so the files that hold both are read by their private part. */
const PRIVATE_VALUE = /"priv_key":\s*\{[^}]*"value":\s*"([^"]+)"/

/** Every private value that this operator keeps, as it stands in the files below `.gonka-ha/secrets`. */
export async function secretsOf(operator: Operator): Promise<readonly string[]> {
  const root = operator.path(".gonka-ha/secrets")
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const texts = await Promise.all(
    entries.filter((entry) => entry.isFile()).map(async (entry) => (await readFile(join(entry.parentPath, entry.name), "utf8")).trim()),
  )
  const values = texts.map((text) => PRIVATE_VALUE.exec(text)?.[1] ?? text)
  return values.filter((value) => value.length >= 40)
}

/** The text of every file below a directory, with its path; nothing where there is no such directory. */
export async function textsBelow(dir: string): Promise<readonly { readonly path: string; readonly text: string }[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => [])
  return Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name)
        return { path, text: await readFile(path, "utf8") }
      }),
  )
}
