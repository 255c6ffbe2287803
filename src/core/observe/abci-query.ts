import { base64, hex } from "@scure/base"
import protobuf from "protobufjs/minimal.js"

/*
 * Questions to the application through a node's plain RPC: protobuf in and out, so that no node needs its REST or gRPC server for us.
 */

const VARINT = 0
const BYTES = 2

/** The path under which an RPC server takes a gRPC method's question. */
export function abciPath(method: string, question: Uint8Array = new Uint8Array()): string {
  return `/abci_query?path=${encodeURIComponent(`"${method}"`)}&data=0x${hex.encode(question)}`
}

/** A question whose first field is a text. */
export function stringArgument(text: string): Uint8Array {
  return protobuf.Writer.create()
    .uint32((1 << 3) | BYTES)
    .string(text)
    .finish()
}

export type Fields = ReadonlyMap<number, number | Uint8Array>

/** The fields of an answer's value. @throws Error when it is no whole message */
export function messageOf(valueBase64: string): Fields {
  return fields(base64.decode(valueBase64))
}

/** A message inside of a message; one that is not written has no fields. */
export function nested(message: Fields, field: number): Fields {
  return fields(bytesField(message, field))
}

/** Zero values are not written at all in proto3. */
export function intField(message: Fields, field: number): number {
  const value = message.get(field)
  return typeof value === "number" ? value : 0
}

export function textField(message: Fields, field: number): string {
  return String.fromCharCode(...bytesField(message, field))
}

function bytesField(message: Fields, field: number): Uint8Array {
  const value = message.get(field)
  return value instanceof Uint8Array ? value : new Uint8Array()
}

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
