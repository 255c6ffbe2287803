import { base64 } from "@scure/base"
import protobuf from "protobufjs/minimal.js"
import { describe, expect, it } from "vitest"
import { isNoSuchRecord, PARAMS_PATH, readParams, readSigningInfo, signingInfoPath } from "../../../../src/core/observe/slashing-query.ts"

type Put = (writer: protobuf.Writer) => protobuf.Writer

const VARINT = 0
const BYTES = 2

const int =
  (field: number, value: number): Put =>
  (writer) =>
    writer.uint32((field << 3) | VARINT).int64(value)
const text =
  (field: number, value: string): Put =>
  (writer) =>
    writer.uint32((field << 3) | BYTES).string(value)
const message =
  (field: number, ...puts: readonly Put[]): Put =>
  (writer) =>
    puts.reduce((inner, put) => put(inner), writer.uint32((field << 3) | BYTES).fork()).ldelim()

const encoded = (...puts: readonly Put[]) => base64.encode(puts.reduce((writer, put) => put(writer), protobuf.Writer.create()).finish())

/** cosmos.slashing.v1beta1.QueryParamsResponse. */
const params = (...puts: readonly Put[]) => encoded(message(1, ...puts))
/** cosmos.slashing.v1beta1.QuerySigningInfoResponse. */
const info = (...puts: readonly Put[]) => encoded(message(1, ...puts))

describe("the questions", () => {
  it("ask through a path that an RPC server understands", () => {
    expect(PARAMS_PATH).toBe("/abci_query?path=%22%2Fcosmos.slashing.v1beta1.Query%2FParams%22&data=0x")
    expect(signingInfoPath("cosmosvalcons1abc")).toBe(
      "/abci_query?path=%22%2Fcosmos.slashing.v1beta1.Query%2FSigningInfo%22&data=0x0a11636f736d6f7376616c636f6e7331616263",
    )
  })
})

describe("readParams", () => {
  it.each([
    { name: "half of a hundred", window: 100, fraction: "500000000000000000", minimum: 50 },
    { name: "a twentieth of ten thousand", window: 10_000, fraction: "50000000000000000", minimum: 500 },
    { name: "a fraction that does not divide", window: 101, fraction: "333333333333333333", minimum: 34 },
    { name: "all of them", window: 7, fraction: "1000000000000000000", minimum: 7 },
  ])("$name", ({ window, fraction, minimum }) => {
    expect(readParams(params(int(1, window), text(2, fraction)))).toEqual({ windowBlocks: window, minSignedBlocks: minimum })
  })

  it("skips what it does not want", () => {
    const value = params(int(1, 100), text(2, "500000000000000000"), message(3, int(1, 600)), text(4, "1"), text(5, "2"))
    expect(readParams(value)).toEqual({ windowBlocks: 100, minSignedBlocks: 50 })
  })
})

describe("readSigningInfo", () => {
  it("reads every field", () => {
    const value = info(
      text(1, "cosmosvalcons1abc"),
      int(2, 17),
      int(3, 4321),
      message(4, int(1, 1_795_000_000), int(2, 5)),
      int(5, 1),
      int(6, 12),
    )
    expect(readSigningInfo(value)).toEqual({
      startHeight: 17,
      countedBlocks: 4321,
      jailedUntilMs: 1_795_000_000_000,
      tombstoned: true,
      missedBlocks: 12,
    })
  })

  it("takes what is not written for zero", () => {
    expect(readSigningInfo(info(text(1, "cosmosvalcons1abc")))).toEqual({
      startHeight: 0,
      countedBlocks: 0,
      jailedUntilMs: 0,
      tombstoned: false,
      missedBlocks: 0,
    })
  })

  it("takes the zero time of Go for never", () => {
    expect(readSigningInfo(info(message(4, int(1, -62_135_596_800))))).toMatchObject({ jailedUntilMs: 0 })
  })

  it("reads known bytes", () => {
    // address "a", start_height 1, index_offset 300, jailed_until 1970-01-01, missed 2
    expect(
      readSigningInfo(base64.encode(Uint8Array.from([0x0a, 0x0c, 0x0a, 1, 0x61, 0x10, 1, 0x18, 0xac, 0x02, 0x22, 0, 0x30, 2]))),
    ).toEqual({
      startHeight: 1,
      countedBlocks: 300,
      jailedUntilMs: 0,
      tombstoned: false,
      missedBlocks: 2,
    })
  })

  it("does not read half of a message", () => {
    expect(() => readSigningInfo(base64.encode(Uint8Array.from([0x0a, 0x0c, 0x0a, 1])))).toThrow()
  })
})

it.each([
  { name: "the SDK's key not found", code: 30, log: "", is: true },
  { name: "the words of the module", code: 22, log: "rpc error: SigningInfo not found for validator x: key not found", is: true },
  { name: "an unknown path", code: 6, log: "unknown query path: unknown request", is: false },
  { name: "a pruned height", code: 18, log: "failed to load state at height 5", is: false },
  { name: "nothing", code: undefined, log: undefined, is: false },
  { name: "success", code: 0, log: "", is: false },
])("$name means no record: $is", ({ code, log, is }) => {
  expect(isNoSuchRecord(code, log)).toBe(is)
})
