/** A line in which a tmkms says what it signed, and through which connection. */
export type SignedLine = {
  /** `address:port` of the node that asked. */
  readonly through: string
  readonly height: number
  readonly round: number
  readonly step: number
  /** Kind and block, for example `PreCommit:A84448A16E`. */
  readonly content: string
}

const SIGNED = /\[[^\]\s]+@tcp:\/\/([^\]\s]+)\] signed (\S+) at h\/r\/s (\d+)\/(\d+)\/(\d+)/

export function signedLines(log: string): SignedLine[] {
  return log.split("\n").flatMap((line) => {
    const found = SIGNED.exec(line)
    if (!found) return []
    const [, through = "", content = "", height, round, step] = found
    return [{ through, content, height: Number(height), round: Number(round), step: Number(step) }]
  })
}

/** Places at which one signer signed two different things: a double sign, whether or not the chain has seen it. */
export function contradictions(lines: readonly SignedLine[]): string[] {
  const first = new Map<string, string>()
  return lines.flatMap(({ height, round, step, content }) => {
    const place = `${height}/${round}/${step}`
    const before = first.get(place)
    if (before === undefined) first.set(place, content)
    return before === undefined || before === content ? [] : [`${place}: ${before} and ${content}`]
  })
}

/** Complaints of a tmkms that must never appear for a validator's key. */
export function alarms(log: string): string[] {
  return log.split("\n").filter((line) => /attempted double sign|height regression|!=/.test(line))
}
