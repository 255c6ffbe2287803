import { Readable } from "node:stream"
import { buffer } from "node:stream/consumers"
import { extract, pack } from "tar-stream"
import type { BackupEntry } from "../core/backup/entry.ts"
import { Secret } from "../core/secret.ts"

const TEXT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** The files as a tar that belongs to nobody in particular. */
export async function packTar(entries: readonly BackupEntry[], modifiedMs: number): Promise<Uint8Array> {
  const tar = pack()
  const bytes = buffer(tar)
  for (const { path, content, mode } of entries) {
    tar.entry({ name: path, mode, mtime: new Date(modifiedMs), uid: 0, gid: 0 }, content.expose())
  }
  tar.finalize()
  return bytes
}

/** @throws Error when it is no tar of text files */
export async function unpackTar(bytes: Uint8Array): Promise<readonly BackupEntry[]> {
  const tar = Readable.from([bytes]).pipe(extract())
  const entries: BackupEntry[] = []
  for await (const entry of tar) {
    const { name, type, mode } = entry.header
    if (type !== "file") throw new Error(`${name} is no file`)
    entries.push({ path: name, content: new Secret(TEXT.decode(await buffer(entry))), mode: mode ?? 0o600 })
  }
  return entries
}
