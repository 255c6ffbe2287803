import { setTimeout as delay } from "node:timers/promises"
import type { Lab } from "../lab/lab.ts"
import { waitUntil } from "../lab/wait-until.ts"
import { DEPLOYMENT_DIR, SIGNER_CONTAINER, SIGNER_HOST, shell } from "./host-facts.ts"

const GUARD_LIMIT_MS = 60_000

/** Process ids of every tmkms on a host, as its own process table shows them. */
export async function tmkmsOn(lab: Lab, host: string): Promise<readonly string[]> {
  return (await shell(lab, host, "pgrep -x tmkms || true")).split("\n").filter((line) => line !== "")
}

/** What somebody does who knows Docker and has never heard of gonka-ha. */
export async function composeUpByHand(lab: Lab): Promise<void> {
  await shell(lab, SIGNER_HOST, `cd ${DEPLOYMENT_DIR} && docker compose up -d 2>&1`)
}

export async function stopSignerByHand(lab: Lab): Promise<void> {
  await shell(lab, SIGNER_HOST, `docker stop -t 1 ${SIGNER_CONTAINER}`)
}

/** The line with which the guard refuses, from the log since now; tmkms never runs meanwhile. */
export async function guardRefusal(lab: Lab): Promise<string> {
  const since = (await shell(lab, SIGNER_HOST, "date +%s.%N")).trim()
  await composeUpByHand(lab)
  const line = await waitUntil(
    "the guard to refuse",
    async () => {
      const running = await tmkmsOn(lab, SIGNER_HOST)
      if (running.length > 0) throw new Error(`the guard let tmkms start: ${running.join(" ")}`)
      const log = await shell(lab, SIGNER_HOST, `docker logs --since ${since} ${SIGNER_CONTAINER} 2>&1`)
      return log.split("\n").find((candidate) => candidate.startsWith("guard: "))
    },
    { stuckAfterMs: GUARD_LIMIT_MS },
  )
  // It is restarted by its policy; the answer stays the same.
  await delay(500)
  const running = await tmkmsOn(lab, SIGNER_HOST)
  if (running.length > 0) throw new Error(`the guard let tmkms start the second time: ${running.join(" ")}`)
  return line
}
