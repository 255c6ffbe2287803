import { randomBytes } from "node:crypto"
import { access, lstat, mkdir, open, readdir, readFile, rename, rmdir, unlink } from "node:fs/promises"
import { dirname, join, posix } from "node:path"
import { AppError, EXIT } from "../core/errors.ts"
import type { LocalFiles } from "../core/ports.ts"
import { Secret } from "../core/secret.ts"
import { temporaryName } from "../core/temporary-name.ts"
import { codeOf, fault, writing } from "./file-fault.ts"

/** Takes a byte order mark away, and refuses what is no text rather than guess at it. */
const TEXT = new TextDecoder("utf-8", { fatal: true })

/** The operator's file system. */
export const localFiles: LocalFiles = {
  async readText(path) {
    const bytes = await readFile(path).catch((cause: unknown) => {
      throw fault("FILE_UNREADABLE", "read", path, cause)
    })
    try {
      return TEXT.decode(bytes)
    } catch (cause) {
      throw new AppError("FILE_UNREADABLE", EXIT.usage, `cannot read ${path}: it is not text in UTF-8`, { cause })
    }
  },

  async exists(path) {
    try {
      await access(path)
      return true
    } catch (cause) {
      if (["ENOENT", "ENOTDIR"].includes(codeOf(cause))) return false
      throw fault("FILE_UNREADABLE", "look at", path, cause)
    }
  },

  async create(path, content, mode) {
    await writing(path, async () => {
      await makeParent(path, mode)
      await writeNew(path, content, mode)
      await syncDirectory(dirname(path))
    })
  },

  async replace(path, content, mode) {
    await writing(path, async () => {
      await makeParent(path, mode)
      const temporary = join(dirname(path), temporaryName(randomBytes(6).toString("hex")))
      await writeNew(temporary, content, mode)
      try {
        await rename(temporary, path)
      } catch (error) {
        await unlink(temporary)
        throw error
      }
      await syncDirectory(dirname(path))
    })
  },

  async append(path, line) {
    await writing(path, async () => {
      await makeParent(path, PRIVATE_FILE)
      const file = await open(path, "a", PRIVATE_FILE)
      try {
        await file.appendFile(`${line}\n`)
        await file.sync()
      } finally {
        await file.close()
      }
      await syncDirectory(dirname(path))
    })
  },

  async list(dir) {
    try {
      return (await filesBelow(dir, "")).sort()
    } catch (cause) {
      if (codeOf(cause) === "ENOENT") return []
      throw fault("FILE_UNREADABLE", "list", dir, cause)
    }
  },

  async removeBelow(dir, path) {
    const inside = posix.normalize(path)
    if (inside !== path || posix.isAbsolute(path) || path.split("/").includes(".."))
      throw new Error(`${path} is not a plain path below ${dir}`)
    await writing(join(dir, path), async () => {
      await assertNoLinks(dir, path)
      await unlink(join(dir, path))
      for (let parent = posix.dirname(path); parent !== "."; parent = posix.dirname(parent)) {
        if ((await readdir(join(dir, parent))).length > 0) break
        await rmdir(join(dir, parent))
      }
    })
  },
}

const PRIVATE_FILE = 0o600

/** Creates a file that must not exist, whole and on the disk; what could not be written is not left behind. */
async function writeNew(path: string, content: string | Secret, mode: number): Promise<void> {
  const file = await open(path, "wx", mode)
  try {
    await file.writeFile(content instanceof Secret ? content.expose() : content)
    await file.sync()
  } catch (error) {
    await unlink(path)
    throw error
  } finally {
    await file.close()
  }
}

/** A private file's directories are private too. */
async function makeParent(path: string, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: (mode & 0o077) === 0 ? 0o700 : 0o755 })
}

/** A new name is on the disk only when its directory is. */
export async function syncDirectory(dir: string): Promise<void> {
  const handle = await open(dir, "r")
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function filesBelow(root: string, below: string): Promise<string[]> {
  const entries = await readdir(join(root, below), { withFileTypes: true })
  const found = await Promise.all(
    entries.map((entry) => {
      const path = below === "" ? entry.name : `${below}/${entry.name}`
      return entry.isDirectory() ? filesBelow(root, path) : [path]
    }),
  )
  return found.flat()
}

/** A symbolic link among the directories would lead out of the one that is ours. */
async function assertNoLinks(dir: string, path: string): Promise<void> {
  const parts = path.split("/")
  for (let depth = 1; depth < parts.length; depth++) {
    const parent = join(dir, ...parts.slice(0, depth))
    if (!(await lstat(parent)).isDirectory()) throw new Error(`${parent} is not a directory`)
  }
}
