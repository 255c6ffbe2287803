import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { Secret } from "../../../src/core/secret.ts"
import { localFiles } from "../../../src/edge/local-files.ts"
import { temporaryDir } from "../../support/temporary-dir.ts"

const modeOf = (path: string) => statSync(path).mode & 0o777

describe("localFiles", () => {
  it("creates a private file in private directories, and never twice", async () => {
    const dir = temporaryDir()
    const path = join(dir, "a", "b", "key")
    await localFiles.create(path, new Secret("first"), 0o600)
    expect([modeOf(path), modeOf(join(dir, "a", "b")), modeOf(join(dir, "a"))]).toEqual([0o600, 0o700, 0o700])
    await expect(localFiles.create(path, "second", 0o600)).rejects.toMatchObject({ code: "FILE_EXISTS", exit: 6 })
    expect(readFileSync(path, "utf8")).toBe("first")
  })

  it("does not follow a link to somewhere else when it creates", async () => {
    const dir = temporaryDir()
    symlinkSync(join(dir, "elsewhere"), join(dir, "key"))
    await expect(localFiles.create(join(dir, "key"), "x", 0o600)).rejects.toMatchObject({ code: "FILE_EXISTS" })
    expect(readdirSync(dir)).toEqual(["key"])
  })

  it("replaces a whole file and leaves nothing beside it", async () => {
    const dir = temporaryDir()
    const path = join(dir, "rendered", "file")
    await localFiles.replace(path, "one", 0o644)
    await localFiles.replace(path, "two", 0o644)
    expect(readFileSync(path, "utf8")).toBe("two")
    expect(modeOf(join(dir, "rendered"))).toBe(0o755)
    expect(readdirSync(join(dir, "rendered"))).toEqual(["file"])
  })

  it("leaves no temporary file behind when it cannot replace", async () => {
    const dir = temporaryDir()
    mkdirSync(join(dir, "taken", "inner"), { recursive: true })
    await expect(localFiles.replace(join(dir, "taken"), "x", 0o644)).rejects.toMatchObject({
      code: "FILE_UNWRITABLE",
      message: `cannot write ${join(dir, "taken")}: it is a directory`,
    })
    expect(readdirSync(dir)).toEqual(["taken"])
  })

  it("appends whole lines to a private file", async () => {
    const path = join(temporaryDir(), "journal", "run.jsonl")
    await localFiles.append(path, "one")
    await localFiles.append(path, "two")
    expect(readFileSync(path, "utf8")).toBe("one\ntwo\n")
    expect(modeOf(path)).toBe(0o600)
  })

  it("lists the files below a directory, sorted", async () => {
    const dir = temporaryDir()
    for (const path of ["b/2", "a", "b/1", "b/c/3"]) await localFiles.replace(join(dir, path), "", 0o644)
    expect(await localFiles.list(dir)).toEqual(["a", "b/1", "b/2", "b/c/3"])
    expect(await localFiles.list(join(dir, "none"))).toEqual([])
  })

  it("says why a file cannot be read", async () => {
    const dir = temporaryDir()
    writeFileSync(join(dir, "file"), "")
    const reads = [
      [join(dir, "none"), "there is no such file"],
      [dir, "it is a directory"],
      [join(dir, "file", "below"), "a part of the path is a file, not a directory"],
    ] as const
    for (const [path, reason] of reads) {
      await expect(localFiles.readText(path)).rejects.toMatchObject({
        code: "FILE_UNREADABLE",
        exit: 64,
        message: `cannot read ${path}: ${reason}`,
      })
    }
  })

  it("removes a file below a directory and the directories that are empty after it", async () => {
    const dir = temporaryDir()
    for (const path of ["gone/deep/file", "kept/file", "kept/other"]) await localFiles.replace(join(dir, path), "", 0o644)
    await localFiles.removeBelow(dir, "gone/deep/file")
    await localFiles.removeBelow(dir, "kept/file")
    expect(await localFiles.list(dir)).toEqual(["kept/other"])
    expect(readdirSync(dir)).toEqual(["kept"])
  })

  it("does not remove anything outside of that directory", async () => {
    const dir = temporaryDir()
    mkdirSync(join(dir, "rendered"))
    mkdirSync(join(dir, "precious"))
    writeFileSync(join(dir, "precious", "file"), "")
    symlinkSync(join(dir, "precious"), join(dir, "rendered", "link"))
    for (const path of ["../precious/file", "/etc/passwd", "a/../../precious/file", "link/file"]) {
      await expect(localFiles.removeBelow(join(dir, "rendered"), path)).rejects.toThrow()
    }
    expect(readdirSync(join(dir, "precious"))).toEqual(["file"])
  })
})
