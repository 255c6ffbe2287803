import { expect, it } from "vitest"
import type { ImageCheck } from "../../../src/app/check-image.ts"
import { imageCheckText } from "../../../src/cli/show-check-image.ts"

const equal: ImageCheck = {
  image: "node:1",
  host: "alpha",
  binary: "simd",
  version: "gonka-0.2",
  settings: 141,
  differences: [],
  equalTo: [],
}

it("says in one line that nothing differs", () => {
  expect(imageCheckText(equal)).toBe("simd of node:1 on alpha writes exactly the 141 settings of gonka-0.2\n")
})

it("lists what differs by file, with what it means and the version that fits", () => {
  const differences: ImageCheck["differences"] = [
    { kind: "ours-only", file: "config", key: "p2p.pex", ours: true },
    { kind: "default", file: "app", key: "minimum-gas-prices", ours: "", image: "0stake" },
    { kind: "image-only", file: "app", key: "wasm.lru_size", image: 0 },
  ]
  expect(
    imageCheckText({ ...equal, differences, equalTo: ["sdk-0.50"] }),
  ).toBe(`simd of node:1 on alpha against the 141 settings of gonka-0.2: 3 differences

config.toml
  p2p.pex  only gonka-ha has it, with true

app.toml
  minimum-gas-prices  gonka-ha has "", the image "0stake"
  wasm.lru_size       only the image has it, with 0

A key that only the image has is not rendered: the node runs with its built-in value.
A key that only gonka-ha has is rendered, and the node does not know it.
Where defaults differ, the node runs with the value that gonka-ha renders.
The image writes exactly the settings of sdk-0.50: set \`versions.node: sdk-0.50\`.
`)
})

it("says no more than what concerns the differences", () => {
  const one: ImageCheck["differences"] = [{ kind: "default", file: "config", key: "p2p.pex", ours: true, image: false }]
  expect(imageCheckText({ ...equal, differences: one })).toBe(`simd of node:1 on alpha against the 141 settings of gonka-0.2: 1 difference

config.toml
  p2p.pex  gonka-ha has true, the image false

Where defaults differ, the node runs with the value that gonka-ha renders.
`)
})
