import { z } from "zod"
import { docker } from "../docker.ts"

const ANSWER = z.object({ code: z.number(), raw_log: z.string() })

/** Sends the unjail transaction of our validator from inside an outside validator's container, where its account's key lies. */
export async function unjail(container: string, chainId: string): Promise<void> {
  const stdout = await docker([
    ...[
      "exec",
      container,
      "simd",
      "tx",
      "slashing",
      "unjail",
      "--from",
      "ours-1",
      "--home",
      "/chain/operators",
      "--keyring-backend",
      "test",
    ],
    ...["--chain-id", chainId, "--node", "tcp://127.0.0.1:26657", "--broadcast-mode", "sync", "--output", "json", "--yes"],
  ])
  const { code, raw_log: log } = ANSWER.parse(JSON.parse(stdout))
  if (code !== 0) throw new Error(`unjail: ${log}`)
}
