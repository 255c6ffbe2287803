import type { Site } from "./site.ts"

const PATIENCE_BLOCKS = 40

/** Asks `status` until it ends with this code; gives up when the chain has made many blocks meanwhile, and says what was wrong. */
export async function waitForStatus({ operator, chain }: Site, code: number): Promise<string> {
  const from = await chain.height()
  for (;;) {
    const answer = await operator.run(["status"])
    if (answer.code === code) return answer.stdout
    if ((await chain.height()) - from > PATIENCE_BLOCKS)
      throw new Error(
        `status still ends with ${answer.code}, not ${code}, after ${PATIENCE_BLOCKS} blocks:\n${answer.stdout}${answer.stderr}`,
      )
  }
}

/** Asks `explain` until a node may be promoted; hosts that are busy answer late at times, and then it may not. */
export async function waitUntilPromotable({ operator, chain }: Site, node: string): Promise<void> {
  const from = await chain.height()
  for (;;) {
    const answer = await operator.run(["explain", node])
    if (answer.code === 0) return
    if ((await chain.height()) - from > PATIENCE_BLOCKS)
      throw new Error(`${node} may not be promoted after ${PATIENCE_BLOCKS} blocks:\n${answer.stdout}${answer.stderr}`)
  }
}
