import { describe, expect, it } from "vitest"
import { type Wait, waitFor } from "../../../src/app/wait.ts"
import { AppError, EXIT } from "../../../src/core/errors.ts"
import { aDeployment } from "../../support/paper-deployment.ts"

type Look<T> = Awaited<ReturnType<Wait<T>["look"]>>

/** Looks one after the other; the last one is repeated. */
function looks<T>(...list: readonly (Look<T> | Error)[]): () => Promise<Look<T>> {
  let next = 0
  return async () => {
    const look = list[Math.min(next++, list.length - 1)]
    if (look instanceof Error) throw look
    if (!look) throw new Error("no look")
    return look
  }
}

const notYet = (progress: string | number, now = String(progress)): Look<string> => ({ done: false, progress, now })
const done: Look<string> = { done: true, value: "there" }
const away = new AppError("HOST_UNREACHABLE", EXIT.unreachable, "host val-2 cannot be reached")

function wait(deployment: ReturnType<typeof aDeployment>, look: () => Promise<Look<string>>, more: Partial<Wait<string>> = {}) {
  return waitFor(deployment, { what: "the block", stallMs: 1000, pollMs: 100, look, ...more })
}

it("does not sleep when the condition holds at once", async () => {
  const deployment = aDeployment()
  expect(await wait(deployment, looks(done))).toBe("there")
  expect([deployment.clock.slept, deployment.events]).toEqual([[], []])
})

it("looks again every so often until the condition holds", async () => {
  const deployment = aDeployment()
  expect(await wait(deployment, looks(notYet(1), notYet(2), notYet(3), done))).toBe("there")
  expect(deployment.clock.slept).toEqual([100, 100, 100])
})

it("waits as long as there is progress, however long that is", async () => {
  const deployment = aDeployment()
  let height = 0
  const look = async (): Promise<Look<string>> => (++height > 500 ? done : notYet(height))
  expect(await wait(deployment, look)).toBe("there")
  expect(deployment.clock.monoMs()).toBe(50_000)
})

it("gives up when nothing has moved for the limit, with what it saw last and the hint", async () => {
  const deployment = aDeployment()
  const waiting = wait(deployment, looks(notYet(1), notYet(2, "height 2, 3 behind")), { hint: "look at its log" })
  await expect(waiting).rejects.toMatchObject({
    code: "WAIT_STALLED",
    exit: 7,
    message: "waited for the block, and nothing moved for 1.1s: height 2, 3 behind",
    hint: "look at its log",
  })
  expect(deployment.clock.monoMs()).toBe(1200)
})

describe("a look that fails", () => {
  it("counts as no progress, and its message is shown", async () => {
    const deployment = aDeployment()
    await expect(wait(deployment, looks(away))).rejects.toMatchObject({
      code: "WAIT_STALLED",
      message: "waited for the block, and nothing moved for 1.1s: host val-2 cannot be reached",
    })
  })

  it("does not end a wait that goes on well", async () => {
    expect(await wait(aDeployment(), looks(notYet(1), away, away, done))).toBe("there")
  })

  it.each([
    { name: "that stops half-way", error: new AppError("HALF_WAY", EXIT.halfWay, "missed", { retry: true }) },
    { name: "that refuses", error: new AppError("REFUSED", EXIT.refused, "no") },
    { name: "that nobody expected", error: new TypeError("x is not a function") },
  ])("ends the wait at once when it is one $name", async ({ error }) => {
    const deployment = aDeployment()
    await expect(wait(deployment, looks(notYet(1), error, done))).rejects.toBe(error)
    expect(deployment.clock.slept).toEqual([100])
  })
})

it("says every two seconds what it waits for and how it stands", async () => {
  const deployment = aDeployment()
  let height = 0
  const look = async (): Promise<Look<string>> => (++height > 50 ? done : notYet(height, `height ${height}`))
  await wait(deployment, look)
  expect(deployment.events).toEqual([
    { kind: "waiting", what: "the block", now: "height 21", sinceMs: 2000 },
    { kind: "waiting", what: "the block", now: "height 41", sinceMs: 4000 },
  ])
})

describe("Ctrl-C", () => {
  it("ends a wait that may be ended", async () => {
    const deployment = aDeployment()
    deployment.clock.onTick = (ms) => ms === 300 && deployment.interrupt()
    await expect(wait(deployment, looks(notYet(1, "height 1")), { interruptible: true })).rejects.toMatchObject({
      code: "INTERRUPTED",
      exit: 130,
      message: "interrupted while waiting for the block: height 1",
    })
    expect(deployment.clock.monoMs()).toBe(300)
  })

  it("does not end any other", async () => {
    const deployment = aDeployment()
    deployment.interrupt()
    expect(await wait(deployment, looks(notYet(1), notYet(2), done))).toBe("there")
  })

  it("loses to a condition that holds", async () => {
    const deployment = aDeployment()
    deployment.interrupt()
    expect(await wait(deployment, looks(done), { interruptible: true })).toBe("there")
  })
})
