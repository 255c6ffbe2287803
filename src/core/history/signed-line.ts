/** A line in which a tmkms says that it gave a precommit, and to whom. */
export type SignedLine = {
  /** `address:port` of the node that asked. */
  readonly through: string
  readonly height: number
  /** False for a vote for no block, which the node asks for when it has not seen the block in time. */
  readonly isForBlock: boolean
}

/** tmkms 0.12 writes `PreCommit`, later versions `Precommit`; the chain's id stands before the address (signing.md 2.3, 9.5). */
const PRECOMMIT = /\[[^\]\s]+@tcp:\/\/([^\]\s]+)\] signed Pre[Cc]ommit:(\S+) at h\/r\/s (\d{1,15})\/\d+\/2\b/

/** The precommits that a signer's log tells of, in its order. The log must be free of terminal codes. */
export function signedLines(log: readonly string[]): SignedLine[] {
  return log.flatMap((line) => {
    const [, through, block, height] = PRECOMMIT.exec(line) ?? []
    return through === undefined ? [] : [{ through, height: Number(height), isForBlock: block !== "<nil>" }]
  })
}
