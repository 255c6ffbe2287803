import type { Disk } from "./disk.ts"

/** Where a signer's files are on its host, and what its settings pin. */
export type SignerFilesAt = {
  readonly control: string
  readonly marks: string
  readonly stateFile: string
  readonly keyFile: string
  /** The key file's content that belongs to the pinned public key. */
  readonly pinnedKey: string
  readonly candidates: readonly string[]
  readonly blockMs: number
}

export type GuardSays = { readonly refusal: string } | { readonly height: number; readonly aim: string }

const STATE = /^\{"height":"(\d{1,18})","round":"\d{1,9}","step":[0-2],"block_id":.*\}$/

/** The rules of `templates/guard.sh`, one after the other in its order. It changes nothing; `raiseFloors` is what a start does then. */
export function guard(disk: Disk, at: SignerFilesAt, wallMs: number, lockIsFree: () => boolean): GuardSays {
  const { control, marks, stateFile, keyFile, pinnedKey, candidates } = at
  if (disk.has(`${control}/fence`)) return refuse(`fenced: ${disk.word(`${control}/fence`)}`)
  if (disk.has(`${marks}/fence`)) return refuse(`fenced: ${disk.word(`${marks}/fence`)}`)
  if (!lockIsFree()) return refuse("another process on this host already signs with this key")
  const key = disk.read(keyFile)
  if (key === undefined) return refuse(`the consensus key ${keyFile} is missing or empty`)
  if (key !== pinnedKey) return refuse("the key file belongs to another validator")
  const state = disk.read(stateFile)
  if (state === undefined) return refuse(`the signer's state ${stateFile} is missing: never start without it`)
  const height = Number(STATE.exec(state.replaceAll(/[ \t\r\n]/g, ""))?.[1] ?? Number.NaN)
  if (Number.isNaN(height)) return refuse(`the signer's state ${stateFile} is damaged`)
  const floors = [disk.word(`${control}/floor`), disk.word(`${marks}/floor`)].filter((floor) => floor !== undefined)
  if (floors.length === 0) return refuse(`the recorded floor ${control}/floor is missing`)
  const floor = Math.max(...floors.map(Number))
  if (height < floor) return refuse(`the signer's state is at height ${height}, below the recorded floor ${floor}: it was rolled back`)
  const tip = /^(\d+) (\d+)$/.exec(disk.word(`${control}/tip`) ?? "")
  if (tip) {
    const passedS = Math.floor(wallMs / 1000) - Number(tip[2])
    const limit = Number(tip[1]) + 5 + (4 * passedS * 1000) / at.blockMs
    if (passedS >= 0 && height > limit) return refuse(`the signer's state is at height ${height}, but the chain was at ${tip[1]}`)
  }
  const aim = disk.word(`${control}/aim`)
  if (aim === undefined) return refuse(`${control}/aim does not say which node to serve`)
  if (!candidates.includes(aim)) return refuse(`${aim} is not a candidate of this validator`)
  return { height, aim }
}

/** From here on this state is known to have existed: an older copy will not pass again. At every start, and with every health check. */
export function raiseFloors(disk: Disk, { control, marks, stateFile }: SignerFilesAt, height: number): void {
  // On the disk before its height is recorded, so that a loss of power never leaves a record above it.
  disk.sync(stateFile)
  for (const path of [`${control}/floor`, `${marks}/floor`]) {
    if (height > Number(disk.word(path) ?? 0)) disk.write(path, `${height}\n`)
  }
}

function refuse(refusal: string): GuardSays {
  return { refusal }
}
