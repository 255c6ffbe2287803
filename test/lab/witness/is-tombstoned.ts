import { bech32 } from "@scure/base"
import type { ChainReader } from "./chain-reader.ts"

const PATH = "/cosmos.slashing.v1beta1.Query/SigningInfo"
const TOMBSTONED_FIELD = 5
const VAL_SIGNING_INFO_FIELD = 1

/** Whether the chain has expelled the validator for good. A validator without signing info has not been. */
export async function isTombstoned(reader: ChainReader, address: string, prefix: string): Promise<boolean> {
  const consensusAddress = bech32.encode(prefix, bech32.toWords(Buffer.from(address, "hex")))
  const text = Buffer.from(consensusAddress, "utf8")
  const request = Buffer.concat([Buffer.from([(1 << 3) | 2, text.length]), text])
  const answer = await reader.query(PATH, request)
  if (answer === undefined) return false
  const info = fieldsOf(answer).get(VAL_SIGNING_INFO_FIELD)
  if (!(info instanceof Buffer)) return false
  // proto3 leaves out what is false.
  return fieldsOf(info).get(TOMBSTONED_FIELD) === 1n
}

/** The last value of each field of a protobuf message: numbers for varints, bytes for everything with a length. */
function fieldsOf(message: Buffer): ReadonlyMap<number, bigint | Buffer> {
  const fields = new Map<number, bigint | Buffer>()
  let offset = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[offset++]
      if (byte === undefined) throw new Error("a protobuf message ends in the middle of a number")
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  while (offset < message.length) {
    const key = Number(varint())
    const wireType = key & 7
    if (wireType === 0) fields.set(key >> 3, varint())
    else if (wireType === 2) {
      const length = Number(varint())
      fields.set(key >> 3, message.subarray(offset, offset + length))
      offset += length
    } else throw new Error(`wire type ${wireType} does not occur in signing info`)
  }
  return fields
}
