import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { renderDeployment } from "../../../src/app/render.ts"
import { renderedText, staleText } from "../../../src/cli/show-render.ts"
import { localFiles } from "../../../src/edge/local-files.ts"
import { initialised } from "../../support/initialised.ts"
import { localPorts } from "../../support/local-ports.ts"
import { temporaryDir } from "../../support/temporary-dir.ts"

async function deployment() {
  const dir = temporaryDir()
  const { file } = await initialised(dir)
  const render = (check = false) => renderDeployment(localPorts, { source: { file }, check })
  const edit = (before: string | RegExp, after: string) => writeFileSync(file, readFileSync(file, "utf8").replace(before, after))
  return { dir, file, render, edit, rendered: join(dir, "rendered") }
}

describe("renderDeployment", () => {
  it("writes every host's files, and the second time nothing", async () => {
    const { render, rendered } = await deployment()
    const first = await render()
    expect(first.changes.every(({ change }) => change === "added")).toBe(true)
    expect(await localFiles.list(rendered)).toEqual(first.changes.map(({ path }) => path))
    expect((await render()).changes).toEqual([])
    expect(renderedText(await render())).toBe(`${rendered} is up to date\n`)
  })

  it("only looks when it is a check", async () => {
    const { render, rendered } = await deployment()
    expect((await render(true)).changes.length).toBeGreaterThan(0)
    expect(await localFiles.list(rendered)).toEqual([])
  })

  it("touches the files that change and no other", async () => {
    const { render, edit, rendered } = await deployment()
    await render()
    const untouched = statSync(join(rendered, "val-1/nodes/node-1/config/app.toml"), { bigint: true })
    edit("1111111111111111111111111111111111111111", "2222222222222222222222222222222222222222")
    expect(renderedText(await render())).toBe(
      ["sen-1/compose.yaml", "sen-1/nodes/sentry-1/config/config.toml", "sen-2/compose.yaml", "sen-2/nodes/sentry-2/config/config.toml"]
        .map((path) => `~ ${rendered}/${path}\n`)
        .join(""),
    )
    expect(statSync(join(rendered, "val-1/nodes/node-1/config/app.toml"), { bigint: true })).toMatchObject({
      ino: untouched.ino,
      mtimeNs: untouched.mtimeNs,
    })
  })

  it("removes what a removed node left behind, and keeps what is not its own", async () => {
    const { render, edit, rendered, file } = await deployment()
    await render()
    writeFileSync(join(rendered, "sen-2", "NOTES.md"), "mine")
    edit(/ {2}sentry-2:\n {4}host: sen-2\n {4}snapshots: true\n/, "")
    edit(/ {2}sen-2:\n {4}ssh: .*\n {4}private: .*\n/, "")
    const removed = (await render()).changes.filter(({ change }) => change === "removed").map(({ path }) => path)
    expect(removed).toEqual([
      "sen-2/PORTS.md",
      "sen-2/RUNBOOK.md",
      "sen-2/compose.yaml",
      "sen-2/firewall/docker-user.sh",
      "sen-2/firewall/gonka-ha.nft",
      "sen-2/nodes/sentry-2/config/app.toml",
      "sen-2/nodes/sentry-2/config/config.toml",
      "sen-2/nodes/sentry-2/config/node-health.sh",
      "sen-2/nodes/sentry-2/config/settings",
      "sen-2/nodes/sentry-2/config/start-node.sh",
      "sen-2/ports.json",
    ])
    expect((await localFiles.list(rendered)).filter((path) => path.startsWith("sen-2/"))).toEqual(["sen-2/NOTES.md"])
    expect(readFileSync(file, "utf8")).not.toContain("sen-2")
  })

  it("puts a file back that was edited or removed by hand", async () => {
    const { render, rendered } = await deployment()
    await render()
    writeFileSync(join(rendered, "sig-1/signers/main/config/guard.sh"), "exec tmkms start\n")
    rmSync(join(rendered, "val-1/compose.yaml"))
    const stale = await render(true)
    expect(stale.changes.map(({ path, change }) => `${change} ${path}`)).toEqual([
      "changed sig-1/signers/main/config/guard.sh",
      "added val-1/compose.yaml",
    ])
    expect(staleText(stale)).toContain(`--- ${join(rendered, "sig-1/signers/main/config/guard.sh")}\n+++ rendered now\n@@ -1,1 +1,`)
    expect(staleText(stale)).toContain("\n-exec tmkms start\n+#!/bin/sh\n")
    await render()
    expect((await render(true)).changes).toEqual([])
  })

  it("puts no secret into any file", async () => {
    const { dir, render, rendered } = await deployment()
    await render()
    const output = (await Promise.all((await localFiles.list(rendered)).map((path) => localFiles.readText(join(rendered, path))))).join(
      "\n",
    )
    const secrets = join(dir, ".gonka-ha/secrets")
    const values = await Promise.all((await localFiles.list(secrets)).map((path) => localFiles.readText(join(secrets, path))))
    expect(values).toHaveLength(10)
    for (const text of values) {
      const base64 = /"value":"([^"]+)"/.exec(text)?.[1] ?? text
      const bytes = Buffer.from(base64, "base64").subarray(0, 32)
      for (const form of [
        base64,
        bytes.toString("base64").replace(/=+$/, ""),
        bytes.toString("hex"),
        bytes.toString("hex").toUpperCase(),
      ]) {
        expect(output.includes(form)).toBe(false)
      }
    }
  })
})
