import { describe, expect, it } from "vitest"
import { renderFiles } from "../../src/core/render/fileset.ts"
import { localFiles } from "../../src/edge/local-files.ts"
import { sha256 } from "../../src/edge/sha256.ts"
import { goldenSpecs } from "../support/golden-specs.ts"
import { goldenTopology } from "../support/golden-topology.ts"
import { STAND_IN_SCRIPTS } from "../support/scripts.ts"

describe.each(goldenSpecs())("$name", ({ texts, expected }) => {
  const fileSet = renderFiles(goldenTopology(...texts), STAND_IN_SCRIPTS, sha256)
  const rendered = [...fileSet.values()].flatMap((host) => host.files.map((file) => [`${host.host}/${file.path}`, file.content] as const))

  it.each(rendered)("%s", async (path, content) => {
    await expect(content).toMatchFileSnapshot(`${expected}/${path}`)
  })

  it("has no other file", async () => {
    expect(await localFiles.list(expected)).toEqual(rendered.map(([path]) => path).sort())
  })
})
