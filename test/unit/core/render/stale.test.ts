import { expect, it } from "vitest"
import { staleFiles } from "../../../../src/core/render/stale.ts"

it("names what an earlier topology left behind, and nothing else", () => {
  const present = [
    "README.md",
    "val-1/README.md",
    "val-1/compose.yaml",
    "val-1/nodes/node-1/config/.gonka-ha-0a1b.tmp",
    "val-1/nodes/node-1/config/config.toml",
    "val-1/nodes/node-1/config/notes.txt",
    "val-1/nodes/node-1/parking/config/tmkms.toml",
    "val-9/compose.yaml",
    "val-9/nodes/node-9/config/app.toml",
    "val-9/signers/main/config/guard.sh",
    "val-9/signers/main/config/tmkms-node-9.toml",
  ]
  const wanted = new Set(["val-1/compose.yaml", "val-1/nodes/node-1/config/config.toml"])
  expect(staleFiles(present, wanted)).toEqual([
    "val-1/nodes/node-1/config/.gonka-ha-0a1b.tmp",
    "val-1/nodes/node-1/parking/config/tmkms.toml",
    "val-9/compose.yaml",
    "val-9/nodes/node-9/config/app.toml",
    "val-9/signers/main/config/guard.sh",
    "val-9/signers/main/config/tmkms-node-9.toml",
  ])
})
