import { randomBytes } from "node:crypto"
import { open, readFile, rename, rm, stat } from "node:fs/promises"
import { dirname, join } from "node:path"
import type { BackupFiles } from "../core/backup/entry.ts"
import { unreadable } from "../core/backup/manifest.ts"
import { temporaryName } from "../core/temporary-name.ts"
import { decryptWithPassphrase, encryptWithPassphrase, WORK_FACTOR } from "./age-passphrase.ts"
import { codeOf, fault, writing } from "./file-fault.ts"
import { syncDirectory } from "./local-files.ts"
import { sha256 } from "./sha256.ts"
import { packTar, unpackTar } from "./tar-archive.ts"

/** Far above any deployment; more than this is some other file. */
const MAX_BYTES = 64 * 1024 * 1024

/** Backups as age files. Tests lower the work factor, which changes nothing but the time. */
export function backupFiles(nowMs: () => number, workFactor = WORK_FACTOR): BackupFiles {
  return {
    async write(path, entries, passphrase) {
      const tar = await packTar(entries, nowMs())
      const age = await encryptWithPassphrase(tar, passphrase, workFactor)
      await writing(path, () =>
        underNewName(path, async (temporary) => {
          await writeNew(temporary, age)
          // What cannot be read back is no backup, and nobody would notice before the day it is needed.
          const back = await decryptWithPassphrase(await readFile(temporary), passphrase)
          if (back.kind !== "decrypted" || !Buffer.from(tar).equals(back.bytes))
            throw unreadable(path, "the disk gives back something else")
        }),
      )
      return sha256(age)
    },

    async read(path, passphrase) {
      const decrypted = await decryptWithPassphrase(await readBytes(path), passphrase)
      switch (decrypted.kind) {
        case "decrypted":
          return unpackTar(decrypted.bytes).catch((cause: unknown) => {
            throw unreadable(path, "what was encrypted is no archive of gonka-ha", cause)
          })
        case "not age":
          throw unreadable(path, "it is no backup of gonka-ha: it does not begin as age's files do")
        case "wrong passphrase":
          throw unreadable(path, "the passphrase is not the one that it was encrypted with")
        case "damaged":
          throw unreadable(path, "the file was cut off or changed since it was written", decrypted.cause)
      }
    },
  }
}

/** Takes the name first, so that nothing is ever overwritten, and lets only a whole file have it; hard links would do too, but not on a USB stick. */
async function underNewName(path: string, fill: (temporary: string) => Promise<void>): Promise<void> {
  await (await open(path, "wx", 0o600)).close()
  const temporary = join(dirname(path), temporaryName(randomBytes(6).toString("hex")))
  try {
    await fill(temporary)
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    await rm(path, { force: true })
    throw error
  }
  await syncDirectory(dirname(path))
}

async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "wx", 0o600)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path)
    if (size > MAX_BYTES) throw unreadable(path, `it is ${size} bytes large, and no backup of gonka-ha is`)
    return await readFile(path)
  } catch (cause) {
    throw codeOf(cause) === "" ? cause : fault("FILE_UNREADABLE", "read", path, cause)
  }
}
