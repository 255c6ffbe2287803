import { describe, expect, it } from "vitest"
import { type BackupEntry, isPlainPath } from "../../../../src/core/backup/entry.ts"
import { checkedManifest, MANIFEST, type Manifest, manifestOf } from "../../../../src/core/backup/manifest.ts"
import { Secret } from "../../../../src/core/secret.ts"
import { sha256 } from "../../../../src/edge/sha256.ts"

const entry = (path: string, text: string): BackupEntry => ({ path, content: new Secret(text), mode: 0o600 })
const FILES = [entry("gonka-ha.yaml", "name: box\n"), entry(".gonka-ha/secrets/nodes/node-1/node_key.json", "ä")]
const MANIFEST_OF_FILES = manifestOf(
  {
    time: "2026-11-24T12:00:00.000Z",
    by: "anna@desk",
    deployment: "box",
    chain: "lab-1",
    topology: { files: ["gonka-ha.yaml"] },
    stateDir: ".gonka-ha",
    recordsDir: ".gonka-ha/signer-records",
    validators: [],
    leftOut: [],
  },
  FILES,
  sha256,
)

function check(files: readonly BackupEntry[], changes: Partial<Manifest> = {}) {
  return checkedManifest("box.age", [entry(MANIFEST, JSON.stringify({ ...MANIFEST_OF_FILES, ...changes })), ...files], sha256)
}

describe("a backup's manifest", () => {
  it("holds what it was made of, sizes in bytes", () => {
    expect(check(FILES)).toEqual(MANIFEST_OF_FILES)
    expect(MANIFEST_OF_FILES.files.map(({ size }) => size)).toEqual([10, 2])
  })

  const [spec, key] = FILES
  it.each([
    { name: "a file is missing", files: FILES.slice(1), says: "gonka-ha.yaml is in its manifest and missing" },
    { name: "a file is another one", files: [entry("gonka-ha.yaml", "name: fox\n"), ...FILES.slice(1)], says: "gonka-ha.yaml is not what" },
    { name: "a file is there besides", files: [...FILES, entry("b", "")], says: "b is not in its manifest" },
    { name: "a file is there twice", files: [...FILES, ...FILES], says: "or in it twice" },
  ])("does not hold when $name", ({ files, says }) => {
    expect(() => check(files)).toThrow(says)
  })

  it.each([
    { name: "it lists a file twice", changes: { files: [...MANIFEST_OF_FILES.files, ...MANIFEST_OF_FILES.files] } },
    { name: "a path leads out of the directory", changes: { topology: { files: ["../gonka-ha.yaml"] } } },
    { name: "the keys would go elsewhere", changes: { stateDir: "/etc" } },
    { name: "the chain's name is a path", changes: { chain: "../lab-1" } },
    { name: "it is of a later version", changes: { schema: "gonka-ha/backup/v2" as never } },
  ])("is refused when $name", ({ changes }) => {
    expect(() => check(FILES, changes)).toThrow("box.age cannot be restored")
  })

  it("comes first and is text that can be understood", () => {
    expect(() => checkedManifest("box.age", [], sha256)).toThrow("it holds no manifest.json")
    expect(() => checkedManifest("box.age", FILES, sha256)).toThrow("it holds no manifest.json")
    expect(() => checkedManifest("box.age", [entry(MANIFEST, "{")], sha256)).toThrow("it holds no manifest.json")
    expect([spec?.path, key?.path]).toEqual(MANIFEST_OF_FILES.files.map(({ path }) => path))
  })
})

it.each(["a", "a/b", ".gonka-ha/secrets/x.json", "..."])("%s is a plain path", (path) => expect(isPlainPath(path)).toBe(true))
it.each(["", "/", "/a", "a/", "a//b", "../a", "a/../b", "./a", "a/.", "a\\b", "a\0"])("%j is no plain path", (path) =>
  expect(isPlainPath(path)).toBe(false),
)
