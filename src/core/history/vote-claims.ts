import type { Vote } from "../observe/state.ts"
import type { Receipt } from "../receipt.ts"

/** What a receipt claims of each height that it speaks of; the chain can be asked whether it still says so. */
export function voteClaims(receipt: Receipt): ReadonlyMap<number, Vote> {
  const { lastSignedThroughOld: last, firstSignedThroughNew: first, commitsRead, missed = [], nil = [] } = receipt
  const claims = new Map<number, Vote>()
  if (commitsRead) {
    const unread = new Set(commitsRead.unread)
    for (let height = commitsRead.from; height <= commitsRead.to; height++) if (!unread.has(height)) claims.set(height, "signed")
  }
  for (const height of missed) claims.set(height, "absent")
  for (const height of nil) claims.set(height, "nil")
  for (const { commits } of [last, first]) if (commits !== undefined) claims.set(commits, "signed")
  return claims
}
