import { base64, hex } from "@scure/base"
import protobuf from "protobufjs/minimal.js"
import type { SlashingSeen } from "./state.ts"

/*
 * Questions to the chain's slashing module through a node's plain RPC: protobuf in and out, so that no node needs its REST or gRPC
 * server for us. Field numbers are those of cosmos.slashing.v1beta1 (query.proto, slashing.proto), stable since SDK 0.40.
 */

export const PARAMS_PATH = abciPath("/cosmos.slashing.v1beta1.Query/Params", new Uint8Array())

export function signingInfoPath(consensusAddress: string): string {
  return abciPath(
    "/cosmos.slashing.v1beta1.Query/SigningInfo",
    protobuf.Writer.create().uint32(tag(1, BYTES)).string(consensusAddress).finish(),
  )
}

/** True when the chain says that it has no record of this validator; any other failure tells nothing. */
export function isNoSuchRecord(code: number | undefined, log: string | undefined): boolean {
  return code === KEY_NOT_FOUND || /SigningInfo not found/.test(log ?? "")
}

/** ErrKeyNotFound of the SDK, which a gRPC NotFound becomes on the way through ABCI. */
const KEY_NOT_FOUND = 30

type Record = NonNullable<SlashingSeen["record"]>

/** Window and minimum of a QueryParamsResponse, in blocks. */
export function readParams(valueBase64: string): { readonly windowBlocks: number; readonly minSignedBlocks: number } {
  const params = fields(bytesField(fields(base64.decode(valueBase64)), 1))
  const windowBlocks = intField(params, 1)
  // A decimal with 18 places, written as the text of the integer.
  const fraction = Number(textOf(bytesField(params, 2))) / 1e18
  return { windowBlocks, minSignedBlocks: Math.round(windowBlocks * fraction) }
}

/** The record in a QuerySigningInfoResponse. */
export function readSigningInfo(valueBase64: string): Record {
  const info = fields(bytesField(fields(base64.decode(valueBase64)), 1))
  const jailedUntil = fields(bytesField(info, 4))
  return {
    startHeight: intField(info, 2),
    countedBlocks: intField(info, 3),
    jailedUntilMs: Math.max(0, intField(jailedUntil, 1) * 1000),
    tombstoned: intField(info, 5) !== 0,
    missedBlocks: intField(info, 6),
  }
}

const VARINT = 0
const BYTES = 2

type Fields = ReadonlyMap<number, number | Uint8Array>

/** The last value of each field; both kinds that occur in these messages, anything else is skipped. */
function fields(message: Uint8Array): Fields {
  const reader = protobuf.Reader.create(message)
  const found = new Map<number, number | Uint8Array>()
  while (reader.pos < reader.len) {
    const head = reader.uint32()
    const wire = head & 7
    if (wire === VARINT) found.set(head >>> 3, Number(reader.int64().toString()))
    else if (wire === BYTES) found.set(head >>> 3, reader.bytes())
    else reader.skipType(wire)
  }
  return found
}

/** Zero values are not written at all in proto3. */
function intField(message: Fields, field: number): number {
  const value = message.get(field)
  return typeof value === "number" ? value : 0
}

function bytesField(message: Fields, field: number): Uint8Array {
  const value = message.get(field)
  return value instanceof Uint8Array ? value : new Uint8Array()
}

function textOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}

function tag(field: number, wire: number): number {
  return (field << 3) | wire
}

function abciPath(path: string, data: Uint8Array): string {
  return `/abci_query?path=${encodeURIComponent(`"${path}"`)}&data=0x${hex.encode(data)}`
}
