import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { parseReceipt, type ReceiptRead } from "./receipt.ts"

/** Every receipt that a deployment's directory keeps, those of one validator oldest first. */
export async function receiptsIn(dir: string): Promise<readonly ReceiptRead[]> {
  const place = join(dir, ".gonka-ha", "receipts")
  const names = (await readdir(place, { recursive: true })).filter((name) => name.endsWith(".json")).sort()
  return Promise.all(names.map(async (name) => parseReceipt(JSON.parse(await readFile(join(place, name), "utf8")))))
}
