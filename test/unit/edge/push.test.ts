import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import type { Connection } from "../../../src/edge/connection.ts"
import { accessOver } from "../../../src/edge/fleet.ts"
import { shellRun } from "../../support/shell-host.ts"
import { temporaryDir } from "../../support/temporary-dir.ts"

const never = () => Promise.reject(new Error("not in this test"))

/** This machine as a host on which no file may become longer than half a kilobyte, as on a disk that is full. */
function fullHost() {
  const run = shellRun("/nowhere")
  const connection: Connection = {
    run: (argv, options) => run(["sh", "-c", 'ulimit -f 1; exec "$@"', "sh", ...argv], options),
    stream: never,
    attach: never,
    hold: never,
    pipe: never,
    feed: never,
    refusesForwards: never,
    hasJustRefused: never,
    endpoint: never,
    close: async () => {},
  }
  return accessOver(connection, "full-1")
}

test("on a full disk the old file stays, and nothing half-written stays beside it", async () => {
  const dir = join(temporaryDir(), "config")
  mkdirSync(dir)
  writeFileSync(join(dir, "config.toml"), "old")
  await expect(fullHost().push(join(dir, "config.toml"), "x".repeat(100_000), 0o644)).rejects.toMatchObject({
    code: "REMOTE_COMMAND",
    message: expect.stringContaining("config.toml could not be written on full-1"),
  })
  expect([readdirSync(dir), readFileSync(join(dir, "config.toml"), "utf8")]).toEqual([["config.toml"], "old"])
  await fullHost().push(join(dir, "config.toml"), "new", 0o644)
  expect([readdirSync(dir), readFileSync(join(dir, "config.toml"), "utf8")]).toEqual([["config.toml"], "new"])
})
