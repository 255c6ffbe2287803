import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, expect, it, vi } from "vitest"
import { localFiles } from "../../../src/edge/local-files.ts"
import { referenceReader } from "../../../src/edge/secret-reference.ts"
import { temporaryDir } from "../../support/temporary-dir.ts"

afterEach(() => vi.unstubAllEnvs())

it("runs a command once, however often its secret is needed: a password manager asks a person each time", async () => {
  const dir = temporaryDir()
  const read = referenceReader(localFiles, dir, undefined)
  const ref = { kind: "command", command: "echo asked >> asked.txt; echo hunter2" } as const
  expect((await read(ref)).expose()).toBe("hunter2")
  expect((await read({ ...ref })).expose()).toBe("hunter2")
  expect(readFileSync(join(dir, "asked.txt"), "utf8")).toBe("asked\n")
})

it("takes a file beside the topology file, a file at home, and a variable", async () => {
  const [dir, home] = [temporaryDir(), temporaryDir()]
  writeFileSync(join(dir, "here.txt"), "one\n")
  writeFileSync(join(home, "there.txt"), "two\r\n")
  vi.stubEnv("GONKA_HA_TEST_SECRET", "three")
  const read = referenceReader(localFiles, dir, home)
  expect((await read({ kind: "file", path: "here.txt" })).expose()).toBe("one")
  expect((await read({ kind: "file", path: "~/there.txt" })).expose()).toBe("two")
  expect((await read({ kind: "env", name: "GONKA_HA_TEST_SECRET" })).expose()).toBe("three")
})

it.each([
  { ref: { kind: "file", path: "none.txt" } as const, says: "there is no such file" },
  { ref: { kind: "env", name: "GONKA_HA_TEST_NOT_SET" } as const, says: "it is not set" },
  { ref: { kind: "command", command: "echo hunter2; exit 3" } as const, says: "it ended with 3" },
  { ref: { kind: "command", command: "echo" } as const, says: "it is empty" },
])("says why there is no secret from $ref, and nothing of what was printed", async ({ ref, says }) => {
  const error = await referenceReader(localFiles, temporaryDir(), undefined)(ref).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ exit: 64, message: expect.stringContaining(says) })
  expect(String(error)).not.toContain("hunter2")
})
