import { expect, it } from "vitest"
import { clockOffset, clockShown, diskShown } from "../../../../src/core/observe/host-facts.ts"
import { seen } from "../../../../src/core/observe/state.ts"

it.each([
  { name: "a clock that agrees", shown: { ms: 10_050, resolutionMs: 1 }, asked: 10_000, answered: 10_100, offset: 1, within: 51 },
  { name: "a clock that is ahead", shown: { ms: 17_050, resolutionMs: 0 }, asked: 10_000, answered: 10_100, offset: 7000, within: 50 },
  { name: "a clock that is behind", shown: { ms: 3000, resolutionMs: 0 }, asked: 10_000, answered: 10_200, offset: -7100, within: 100 },
  { name: "whole seconds", shown: { ms: 10_000, resolutionMs: 1000 }, asked: 10_000, answered: 10_000, offset: 500, within: 500 },
  { name: "a slow answer", shown: { ms: 19_000, resolutionMs: 0 }, asked: 10_000, answered: 19_000, offset: 4500, within: 4500 },
])("knows $name as well as the round trip lets it", ({ shown, asked, answered, offset, within }) => {
  expect(clockOffset(shown, asked, answered)).toEqual(seen({ offsetMs: offset, withinMs: within }))
})

it("knows nothing of a clock that was not told, or when our own was set back meanwhile", () => {
  expect(clockOffset(undefined, 0, 10)).toMatchObject({ kind: "unknown" })
  expect(clockOffset({ ms: 10_000, resolutionMs: 1 }, 10_000, 9000)).toMatchObject({ kind: "unknown" })
})

it.each([
  ["", ""],
  ["x", "1"],
  ["17954352003N", "1"],
  ["1795435200000", ""],
])("takes %j and %j for no time", (ms, resolution) => {
  expect(clockShown(ms, resolution)).toBeUndefined()
})

it("reads kilobytes, and nothing out of words", () => {
  expect(diskShown("1000", "250")).toEqual(seen({ totalBytes: 1_024_000, freeBytes: 256_000 }))
  for (const [total, free] of [
    ["", ""],
    ["-", "5"],
    ["1000", "x"],
  ] as const)
    expect(diskShown(total, free)).toMatchObject({ kind: "unknown" })
})
