import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { turnstile } from "../../../src/edge/turnstile.ts"

const MOMENT_MS = 500

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

/** Work that ends when it is told to, and notes that it has begun. */
function works(count: number, enter: ReturnType<typeof turnstile>) {
  const begun: number[] = []
  const finish: (() => void)[] = []
  const all = Array.from({ length: count }, (_, index) =>
    enter(
      () =>
        new Promise<number>((resolve) => {
          begun.push(index)
          finish[index] = () => resolve(index)
        }),
    ),
  )
  return { begun, all, end: (index: number) => finish[index]?.() }
}

test("those that are quick make room for the next ones, in the order in which they came", async () => {
  const { begun, all, end } = works(5, turnstile(2, MOMENT_MS))
  await vi.advanceTimersByTimeAsync(0)
  expect(begun).toEqual([0, 1])
  end(1)
  await vi.advanceTimersByTimeAsync(0)
  expect(begun).toEqual([0, 1, 2])
  for (const index of [0, 2, 3, 4]) {
    end(index)
    await vi.advanceTimersByTimeAsync(0)
  }
  expect(await Promise.all(all)).toEqual([0, 1, 2, 3, 4])
})

test("those that never end hold the others up for a moment each, and what ends later does not make room twice", async () => {
  const { begun, end } = works(7, turnstile(2, MOMENT_MS))
  await vi.advanceTimersByTimeAsync(MOMENT_MS)
  expect(begun).toEqual([0, 1, 2, 3])
  end(0)
  end(1)
  await vi.advanceTimersByTimeAsync(MOMENT_MS - 1)
  expect(begun).toEqual([0, 1, 2, 3])
  await vi.advanceTimersByTimeAsync(1)
  expect(begun).toEqual([0, 1, 2, 3, 4, 5])
})

test("a failure makes room, too, and goes to whoever asked", async () => {
  const enter = turnstile(1, MOMENT_MS)
  const failed = enter(() => Promise.reject(new Error("away")))
  const next = enter(() => Promise.resolve("there"))
  await expect(failed).rejects.toThrow("away")
  expect(await next).toBe("there")
})
