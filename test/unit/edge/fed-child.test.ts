import { existsSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it, vi } from "vitest"
import { LocalConnection } from "../../../src/edge/local-connection.ts"
import { temporaryDir } from "../../support/temporary-dir.ts"

vi.setConfig({ testTimeout: 30_000 })

const here = new LocalConnection("here")
const PIECE = Buffer.alloc(64 * 1024, 7)

describe("a command that is fed", () => {
  it("gets every byte in order, and its end", async () => {
    const file = join(temporaryDir(), "fed")
    const feed = await here.feed(["sh", "-c", 'cat > "$0"; echo done', file])
    expect(await feed.write(Buffer.from([0, 255, 10]))).toBe(true)
    for (let piece = 0; piece < 100; piece++) expect(await feed.write(PIECE)).toBe(true)
    expect(await feed.end()).toEqual({ code: 0, stdout: "done\n", stderr: "" })
    const content = readFileSync(file)
    expect([...content.subarray(0, 3), content.length]).toEqual([0, 255, 10, 3 + 100 * PIECE.length])
  })

  it("has whoever feeds it wait while it does not read", async () => {
    const dir = temporaryDir()
    const feed = await here.feed(["sh", "-c", 'while [ ! -e "$0/go" ]; do sleep 0.05; done; cat > "$0/fed"', dir])
    let written = 0
    const all = (async () => {
      for (; written < 200; written++) await feed.write(PIECE)
    })()
    let before = -1
    // Two looks without a change: it stands still, and far from its end.
    while (before !== written) {
      before = written
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
    expect(before).toBeLessThan(50)
    ;(await import("node:fs")).writeFileSync(join(dir, "go"), "")
    await all
    expect((await feed.end()).code).toBe(0)
    expect(statSync(join(dir, "fed")).size).toBe(200 * PIECE.length)
  })

  it("that has ended takes nothing any more, and says why", async () => {
    const feed = await here.feed(["sh", "-c", "echo 'no room' >&2; exit 3"])
    await vi.waitFor(async () => expect(await feed.write(PIECE)).toBe(false), { timeout: 10_000 })
    expect(await feed.end()).toMatchObject({ code: 3, stderr: "no room\n" })
  })

  it("is ended by an abort", async () => {
    const file = join(temporaryDir(), "ended")
    const feed = await here.feed(["sh", "-c", 'trap \'echo > "$0"; exit 1\' TERM; echo > "$0.up"; while :; do sleep 0.1; done', file])
    await vi.waitFor(() => expect(existsSync(`${file}.up`)).toBe(true), { timeout: 10_000 })
    feed.abort()
    await vi.waitFor(() => expect(existsSync(file)).toBe(true), { timeout: 10_000 })
    expect(await feed.write(PIECE)).toBe(false)
  })

  it("that does not exist is an error", async () => {
    const feed = await here.feed(["gonka-ha-no-such-program"])
    await expect(feed.end()).rejects.toMatchObject({ code: "REMOTE_COMMAND", exit: 9 })
  })
})
