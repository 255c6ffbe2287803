import { expect, it } from "vitest"
import { handedOver } from "../../../src/app/handed-over.ts"

it("hands over one thing after the other, and the producer waits for each", async () => {
  const given: number[] = []
  const items = handedOver<number>(async (give) => {
    for (let item = 1; item <= 3; item++) {
      given.push(item)
      if (!(await give(item))) return
    }
  })
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect(given).toEqual([1])
  expect(await items.next()).toEqual({ done: false, value: 1 })
  expect(await items.next()).toEqual({ done: false, value: 2 })
  expect(await items.next()).toEqual({ done: false, value: 3 })
  expect(await items.next()).toMatchObject({ done: true })
})

it("tells the producer that nobody wants more, and waits until it has ended", async () => {
  let ended = false
  const items = handedOver<number>(async (give) => {
    let item = 0
    while (await give(item++));
    await new Promise((resolve) => setTimeout(resolve, 10))
    ended = true
  })
  await items.next()
  await items.return()
  expect(ended).toBe(true)
  expect(await items.next()).toMatchObject({ done: true })
})

it("passes on why the producer failed", async () => {
  const items = handedOver<number>(async () => {
    throw new Error("no route")
  })
  await expect(items.next()).rejects.toThrow("no route")
})
