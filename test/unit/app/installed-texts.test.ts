import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, expect, it } from "vitest"
import { installedTexts } from "../../../src/app/installed-texts.ts"
import { seen } from "../../../src/core/observe/state.ts"
import { sha256 } from "../../../src/edge/sha256.ts"
import { aTopology, changed, healthy, host } from "../../support/observed.ts"
import { aDeployment, aHost } from "../../support/paper-deployment.ts"
import { shellRun } from "../../support/shell-host.ts"
import { temporaryDir } from "../../support/temporary-dir.ts"

const CONFIG = "nodes/sentry-1/config/config.toml"

/** What is read on sen-1, in a directory of this machine, where the probe saw these digests. */
async function readOn(installed: Readonly<Record<string, string | Uint8Array>>, digests: Readonly<Record<string, string>>) {
  const dir = temporaryDir()
  const topology = aTopology({ dir })
  for (const [path, text] of Object.entries(installed)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), text)
  }
  const observed = changed(
    healthy(topology),
    host("sen-1", ({ files }) => ({ files: new Map([...files, ...Object.entries(digests)]) })),
  )
  const texts = await installedTexts(aDeployment({ "sen-1": aHost({ run: shellRun(dir) }) }, { topology }), observed)
  return texts.get("sen-1")
}

describe("installed files", () => {
  it("are read where they differ, with every byte, and no others", async () => {
    const text = '# ümläut\n[p2p]\r\npex = "\u001b[2J"\nno newline at the end'
    const compose = "services: {}\n"
    const read = await readOn({ [CONFIG]: text, "compose.yaml": compose }, { [CONFIG]: sha256(text), "compose.yaml": sha256(compose) })
    expect([...(read ?? [])]).toEqual([
      ["compose.yaml", seen(compose)],
      [CONFIG, seen(text)],
    ])
  })

  it("are not known where they are no text, changed meanwhile, are gone, or never end", async () => {
    const bytes = new Uint8Array([0xff, 0xfe, 0x00])
    const enormous = "x".repeat(600 * 1024)
    const paths = [CONFIG, "compose.yaml", "RUNBOOK.md", "PORTS.md"]
    const read = await readOn(
      { [CONFIG]: bytes, "compose.yaml": "changed meanwhile", "PORTS.md": enormous },
      { [CONFIG]: "1", "compose.yaml": sha256("as it was"), "RUNBOOK.md": "2", "PORTS.md": sha256(enormous) },
    )
    expect(paths.map((path) => read?.get(path)?.kind)).toEqual(["unknown", "unknown", "unknown", "unknown"])
  })

  it("are not known where the host says no", async () => {
    const topology = aTopology()
    const observed = changed(
      healthy(topology),
      host("sen-1", ({ files }) => ({ files: new Map([...files, [CONFIG, "other"]]) })),
      host("sen-2", ({ files }) => ({ files: new Map([...files, ["compose.yaml", "other"]]) })),
    )
    const deployment = aDeployment({
      "sen-1": aHost({ run: () => Promise.reject(new Error("no route")) }),
      "sen-2": aHost({ run: async () => ({ code: 1, stdout: "", stderr: "cd: no such directory\n" }) }),
    })
    const texts = await installedTexts(deployment, observed)
    expect([...texts].map(([name, read]) => [name, [...read.values()]])).toEqual([
      ["sen-1", [{ kind: "unknown", reason: "it could not be read: no route" }]],
      ["sen-2", [{ kind: "unknown", reason: "it could not be read: cd: no such directory" }]],
    ])
  })

  it("are not asked for where the probe has seen no file, such as a link that leads elsewhere", async () => {
    const without = changed(
      healthy(aTopology()),
      host("sen-1", ({ files }) => ({ files: new Map([...files].filter(([path]) => path !== CONFIG)) })),
    )
    expect(await installedTexts(aDeployment(), without)).toEqual(new Map())
  })
})
