import { expect, it } from "vitest"
import type { LogLine } from "../../../../src/core/logs/log-line.ts"
import { merged } from "../../../../src/core/logs/merged.ts"

async function* source(name: string, batches: readonly (readonly (string | undefined)[])[], asked: string[] = []) {
  for (const times of batches) {
    asked.push(name)
    yield times.map((time): LogLine => ({ source: name, time, text: `${name} ${time ?? "-"}`, lostChars: 0 }))
  }
}

async function texts(lines: AsyncIterable<LogLine>): Promise<readonly string[]> {
  const all: string[] = []
  for await (const { text } of lines) all.push(text)
  return all
}

it("orders several sources by time, and leaves the order of each as it is", async () => {
  const one = source("a", [["1", "4"], [], ["5", "5"]])
  const two = source("b", [["2", undefined, "3"], ["6"]])
  expect(await texts(merged([one, two]))).toEqual(["a 1", "b 2", "b -", "b 3", "a 4", "a 5", "a 5", "b 6"])
})

it("is empty where no source has a line", async () => {
  expect(await texts(merged([source("a", []), source("b", [[], []])]))).toEqual([])
  expect(await texts(merged([]))).toEqual([])
})

it("asks a source for more only when all that it gave has been taken", async () => {
  const asked: string[] = []
  const lines = merged([source("a", [["1", "3"], ["4"]], asked), source("b", [["2"], ["5"]], asked)])
  expect((await lines.next()).value?.text).toBe("a 1")
  expect((await lines.next()).value?.text).toBe("b 2")
  expect(asked).toEqual(["a", "b"])
})
