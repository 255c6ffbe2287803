import protobuf from "protobufjs"

/** The few Cosmos SDK messages that a bank send needs, with the field numbers of cosmos-sdk v0.50. */
const SCHEMA = `
syntax = "proto3";
message Any { string type_url = 1; bytes value = 2; }
message Coin { string denom = 1; string amount = 2; }
message MsgSend { string from_address = 1; string to_address = 2; repeated Coin amount = 3; }
message PubKey { bytes key = 1; }
message TxBody { repeated Any messages = 1; string memo = 2; }
message Single { int32 mode = 1; }
message ModeInfo { Single single = 1; }
message SignerInfo { Any public_key = 1; ModeInfo mode_info = 2; uint64 sequence = 3; }
message Fee { repeated Coin amount = 1; uint64 gas_limit = 2; }
message AuthInfo { repeated SignerInfo signer_infos = 1; Fee fee = 2; }
message SignDoc { bytes body_bytes = 1; bytes auth_info_bytes = 2; string chain_id = 3; uint64 account_number = 4; }
message TxRaw { bytes body_bytes = 1; bytes auth_info_bytes = 2; repeated bytes signatures = 3; }
message QueryAccountRequest { string address = 1; }
message QueryAccountResponse { Any account = 1; }
message BaseAccount { string address = 1; Any pub_key = 2; uint64 account_number = 3; uint64 sequence = 4; }
`

const { root } = protobuf.parse(SCHEMA, { keepCase: true })

export function encodeMessage(name: string, value: Readonly<Record<string, unknown>>): Uint8Array {
  const type = root.lookupType(name)
  return type.encode(type.fromObject({ ...value })).finish()
}

export function decodeMessage(name: string, bytes: Uint8Array): unknown {
  const type = root.lookupType(name)
  return type.toObject(type.decode(bytes), { longs: Number, defaults: true })
}
