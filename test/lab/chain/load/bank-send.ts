import { sign } from "node:crypto"
import type { Account } from "./account.ts"
import { encodeMessage } from "./messages.ts"

const SIGN_MODE_DIRECT = 1
const GAS_LIMIT = 200_000
const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

export type BankSend = {
  readonly chainId: string
  readonly from: Account
  readonly toAddress: string
  readonly accountNumber: number
  readonly sequence: number
}

/** A signed transfer of one `stake`, ready to broadcast. */
export function bankSend({ chainId, from, toAddress, accountNumber, sequence }: BankSend): Uint8Array {
  const message = { from_address: from.address, to_address: toAddress, amount: [{ denom: "stake", amount: "1" }] }
  const bodyBytes = encodeMessage("TxBody", {
    messages: [{ type_url: "/cosmos.bank.v1beta1.MsgSend", value: encodeMessage("MsgSend", message) }],
  })
  const publicKey = { type_url: "/cosmos.crypto.secp256k1.PubKey", value: encodeMessage("PubKey", { key: from.publicKey }) }
  const authInfoBytes = encodeMessage("AuthInfo", {
    signer_infos: [{ public_key: publicKey, mode_info: { single: { mode: SIGN_MODE_DIRECT } }, sequence }],
    fee: { gas_limit: GAS_LIMIT },
  })
  const parts = { body_bytes: bodyBytes, auth_info_bytes: authInfoBytes }
  const document = encodeMessage("SignDoc", { ...parts, chain_id: chainId, account_number: accountNumber })
  const signature = lowS(sign("sha256", document, { key: from.privateKey, dsaEncoding: "ieee-p1363" }))
  return encodeMessage("TxRaw", { ...parts, signatures: [signature] })
}

/** Of the two valid signatures (r, s) and (r, n - s) the chain takes only the one with the smaller s. */
function lowS(signature: Buffer): Uint8Array {
  const s = BigInt(`0x${signature.subarray(32).toString("hex")}`)
  if (s <= CURVE_ORDER / 2n) return signature
  const flipped = (CURVE_ORDER - s).toString(16).padStart(64, "0")
  return Buffer.concat([signature.subarray(0, 32), Buffer.from(flipped, "hex")])
}
