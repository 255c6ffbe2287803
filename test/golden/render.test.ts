import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { renderFiles } from "../../src/core/render/fileset.ts"
import { localFiles } from "../../src/edge/local-files.ts"
import { sha256 } from "../../src/edge/sha256.ts"
import { goldenTopology } from "../support/golden-topology.ts"
import { STAND_IN_SCRIPTS } from "../support/scripts.ts"

describe.each(["ha-2", "compact"])("%s", (name) => {
  const dir = join(import.meta.dirname, name)
  const expected = join(dir, "expected")
  const fileSet = renderFiles(goldenTopology(readFileSync(join(dir, "gonka-ha.yaml"), "utf8")), STAND_IN_SCRIPTS, sha256)
  const rendered = [...fileSet.values()].flatMap((host) => host.files.map((file) => [`${host.host}/${file.path}`, file.content] as const))

  it.each(rendered)("%s", async (path, content) => {
    await expect(content).toMatchFileSnapshot(join(expected, path))
  })

  it("has no other file", async () => {
    expect(await localFiles.list(expected)).toEqual(rendered.map(([path]) => path).sort())
  })
})
