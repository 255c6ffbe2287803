import { z } from "zod"
import { callRpc } from "./rpc.ts"

const STATUS = z.object({ sync_info: z.object({ latest_block_height: z.coerce.number() }) })

export async function latestHeight(url: string): Promise<number> {
  return STATUS.parse(await callRpc(url, "status")).sync_info.latest_block_height
}
