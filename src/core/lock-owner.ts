import { printable } from "./printable.ts"

/** Who has a lock, since when, and what for, as it stands in the lock's file on a host. */
export type LockOwner = { readonly owner: string; readonly since: string; readonly reason: string }

const LINE = /^(?<owner>.+?) since (?<since>\S+): (?<reason>.*)$/s

/** The line of a lock's file. */
export function lockOwnerLine({ owner, since, reason }: LockOwner): string {
  return `${owner} since ${since}: ${printable(reason)}`
}

/** Undefined when it is no such line: somebody has written it by hand, or it is not written yet. */
export function parseLockOwner(text: string): LockOwner | undefined {
  const { owner, since, reason } = LINE.exec(text.trim())?.groups ?? {}
  return owner === undefined || since === undefined || reason === undefined
    ? undefined
    : { owner: printable(owner), since: printable(since), reason: printable(reason) }
}

/** What a lock's file says, for people; it comes from a host. */
export function lockOwnerText(text: string): string {
  return printable(text.trim()) || "somebody unknown"
}
