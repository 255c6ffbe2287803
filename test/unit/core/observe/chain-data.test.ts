import { expect, it } from "vitest"
import { parseChainData } from "../../../../src/core/observe/chain-data.ts"

const WHOLE = "place\tordinary\nprogram\timage\ndata\t2048\naside\t0\nincoming\t4\ndisk\t1000\t500\nend\n"

it("reads sizes in bytes", () => {
  expect(parseChainData(WHOLE)).toEqual({
    place: "ordinary",
    program: "image",
    dataBytes: 2048 * 1024,
    asideBytes: 0,
    incomingBytes: 4096,
    disk: { kind: "seen", value: { totalBytes: 1_024_000, freeBytes: 512_000 } },
  })
})

it("knows no free space that was not told", () => {
  expect(parseChainData(WHOLE.replace("disk\t1000\t500\n", ""))?.disk.kind).toBe("unknown")
})

it.each([
  ["an answer that is cut short", WHOLE.replace("end\n", "")],
  ["a size that is none", WHOLE.replace("2048", "-1")],
  ["a place that is none", WHOLE.replace("ordinary", "elsewhere")],
  ["no program", WHOLE.replace("program\timage\n", "")],
  ["nothing", ""],
])("takes %s for no answer", (_, text) => {
  expect(parseChainData(text)).toBeUndefined()
})
