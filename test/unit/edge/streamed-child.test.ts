import { readFileSync } from "node:fs"
import { join } from "node:path"
import { PassThrough } from "node:stream"
import { describe, expect, it, vi } from "vitest"
import { LocalConnection } from "../../../src/edge/local-connection.ts"
import { outletTo } from "../../../src/edge/outlet.ts"
import { temporaryDir } from "../../support/temporary-dir.ts"

vi.setConfig({ testTimeout: 30_000 })

const here = new LocalConnection("here")

function keeping() {
  const said = { out: "", err: "" }
  const keep = (which: keyof typeof said) => async (piece: Uint8Array) => {
    said[which] += Buffer.from(piece).toString()
    return true
  }
  return { said, takes: { out: keep("out"), err: keep("err") } }
}

describe("a command that is streamed", () => {
  it("gives both outputs and its exit code", async () => {
    const { said, takes } = keeping()
    expect(await here.stream(["sh", "-c", "echo one; echo two >&2; exit 3"], takes)).toBe(3)
    expect(said).toEqual({ out: "one\n", err: "two\n" })
  })

  it("gives what it prints before it ends", async () => {
    const dir = temporaryDir()
    let first = true
    const code = await here.stream(["sh", "-c", 'echo one; while [ ! -e "$0/go" ]; do sleep 0.05; done', dir], {
      out: async () => {
        if (first) (await import("node:fs")).writeFileSync(join(dir, "go"), "")
        first = false
        return true
      },
      err: async () => true,
    })
    expect(code).toBe(0)
  })

  it("waits while nobody takes what it prints", async () => {
    const progress = join(temporaryDir(), "progress")
    // A piece at a time, each counted when it is written.
    const script = 'i=0; while [ $i -lt 400 ]; do head -c 16384 /dev/zero; i=$((i+1)); echo $i >"$0"; done'
    let release: () => void = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const ended = here.stream(["sh", "-c", script, progress], {
      out: async () => {
        await held
        return true
      },
      err: async () => true,
    })
    const count = () => Number(readFileSync(progress, "utf8"))
    await vi.waitFor(() => expect(count()).toBeGreaterThan(1), { timeout: 10_000 })
    let before = -1
    // Two looks without a change: it stands still, and far from its end.
    while (before !== count()) {
      before = count()
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
    expect(before).toBeLessThan(100)
    release()
    expect(await ended).toBe(0)
    expect(count()).toBe(400)
  })

  it("is ended by the signal, and when nobody wants more; it has no exit code then", async () => {
    const interruption = new AbortController()
    setTimeout(() => interruption.abort(), 200)
    const { takes } = keeping()
    expect(await here.stream(["sleep", "600"], { ...takes, signal: interruption.signal })).toBeUndefined()
    expect(await here.stream(["sleep", "600"], { ...takes, signal: AbortSignal.abort() })).toBeUndefined()
    expect(await here.stream(["yes"], { out: async () => false, err: async () => true })).toBeUndefined()
  })

  it("is not waited for when somebody else holds its outputs, as a shared connection does", async () => {
    const ending = new AbortController()
    const begun = performance.now()
    const out = async () => {
      ending.abort()
      return true
    }
    const stays = "setsid sh -c 'echo up; exec sleep 25' & wait"
    expect(await here.stream(["sh", "-c", stays], { out, err: async () => true, signal: ending.signal })).toBeUndefined()
    expect(performance.now() - begun).toBeLessThan(20_000)
  })

  it("passes on what goes wrong where its output is taken, and ends", async () => {
    const broken = here.stream(["yes"], { out: () => Promise.reject(new Error("disk is full")), err: async () => true })
    await expect(broken).rejects.toThrow("disk is full")
  })

  it("that does not exist is an error", async () => {
    await expect(here.stream(["gonka-ha-no-such-program"], keeping().takes)).rejects.toMatchObject({ code: "REMOTE_COMMAND", exit: 9 })
  })
})

describe("an outlet", () => {
  it("waits until a piece is read", async () => {
    const stream = new PassThrough({ highWaterMark: 4 })
    const outlet = outletTo(stream)
    let isWritten = false
    const first = outlet.write("12345678")
    const second = outlet.write("abc").then((more) => {
      isWritten = true
      return more
    })
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(isWritten).toBe(false)
    stream.resume()
    expect([await first, await second]).toEqual([true, true])
  })

  it("says that nobody reads any more", async () => {
    const stream = new PassThrough()
    const outlet = outletTo(stream)
    stream.destroy(new Error("EPIPE"))
    expect(await outlet.write("x")).toBe(false)
    expect(await outlet.write("x")).toBe(false)
  })
})
