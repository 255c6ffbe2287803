import { z } from "zod"
import { docker } from "../docker.ts"
import { waitUntil } from "../wait-until.ts"

const ANSWER = z.object({ code: z.number(), raw_log: z.string(), txhash: z.string() })

/**
 * Sends the unjail transaction of our validator from inside an outside validator's container, where its account's key lies, and waits for
 * the block that carries it out: the chain takes the transaction of a validator whose jail is not over, and refuses it only in the block.
 */
export async function unjail(container: string, chainId: string): Promise<void> {
  const sent = await ask(container, [
    ...["tx", "slashing", "unjail", "--from", "ours-1", "--home", "/chain/operators", "--keyring-backend", "test"],
    ...["--chain-id", chainId, "--node", "tcp://127.0.0.1:26657", "--broadcast-mode", "sync", "--yes"],
  ])
  if (sent.code !== 0) throw new Error(`unjail: ${sent.raw_log}`)
  const carriedOut = () => ask(container, ["query", "tx", sent.txhash, "--node", "tcp://127.0.0.1:26657"]).catch(() => undefined)
  const { code, raw_log: log } = await waitUntil("the block with the unjail transaction", carriedOut, {
    stuckAfterMs: 60_000,
  })
  if (code !== 0) throw new Error(`unjail: ${log}`)
}

async function ask(container: string, command: readonly string[]): Promise<z.infer<typeof ANSWER>> {
  return ANSWER.parse(JSON.parse(await docker(["exec", container, "simd", ...command, "--output", "json"])))
}
