import { z } from "zod"
import { callRpc } from "../rpc.ts"
import { decodeMessage, encodeMessage } from "./messages.ts"

export type AccountState = { readonly accountNumber: number; readonly sequence: number }

const QUERY = z.object({ response: z.object({ code: z.number().optional(), log: z.string().optional(), value: z.string().nullish() }) })
const RESPONSE = z.object({ account: z.object({ value: z.instanceof(Uint8Array) }) })
const ACCOUNT = z.object({ account_number: z.number(), sequence: z.number() })

/** The number and the committed sequence of an account. */
export async function accountState(url: string, address: string): Promise<AccountState> {
  const data = Buffer.from(encodeMessage("QueryAccountRequest", { address })).toString("hex")
  const { response } = QUERY.parse(await callRpc(url, "abci_query", { path: "/cosmos.auth.v1beta1.Query/Account", data }))
  if (response.value == null) throw new Error(`account ${address}: ${response.log ?? "no answer"}`)
  const any = RESPONSE.parse(decodeMessage("QueryAccountResponse", Buffer.from(response.value, "base64"))).account
  const account = ACCOUNT.parse(decodeMessage("BaseAccount", any.value))
  return { accountNumber: account.account_number, sequence: account.sequence }
}
