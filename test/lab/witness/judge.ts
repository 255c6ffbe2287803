import type { Block } from "./block.ts"
import type { Verdict } from "./verdict.ts"

const FLAG_ABSENT = 1
const FLAG_COMMIT = 2
const FLAG_NIL = 3

/**
 * Judges the height before `next` by the commit that the chain itself stored there. `members` are the addresses of that
 * height's validator set, in the set's order, which is also the order of the signatures: an absent signature carries no
 * address, so its place is the only thing that says whose it is.
 */
export function judge(next: Block, members: readonly string[], address: string): Verdict {
  const place = members.indexOf(address)
  if (place === -1) return "outside"
  const signatures = next.last_commit.signatures ?? []
  if (signatures.length !== members.length) {
    throw new Error(`height ${next.last_commit.height}: ${signatures.length} signatures, ${members.length} validators`)
  }
  const signature = signatures[place]
  if (signature === undefined || signature.block_id_flag === FLAG_ABSENT) return "missed"
  if (signature.validator_address !== address) {
    throw new Error(`height ${next.last_commit.height}: place ${place} is signed by ${signature.validator_address}, not by ${address}`)
  }
  if (signature.block_id_flag === FLAG_COMMIT) return "signed"
  if (signature.block_id_flag === FLAG_NIL) return "nil"
  throw new Error(`height ${next.last_commit.height}: unknown block_id_flag ${signature.block_id_flag}`)
}
