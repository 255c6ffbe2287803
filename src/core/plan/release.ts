import type { Issue } from "../issue.ts"
import { lockOwnerText, parseLockOwner } from "../lock-owner.ts"

/** A kept lock as it stands on a host. */
export type KeptLock = { readonly host: string; readonly text: string }

export type Release = { readonly kept: readonly KeptLock[] } | { readonly refused: readonly Issue[] }

/** Which kept locks an operator may release: their own, and those of others only by force. All of them or none. */
export function planRelease(kept: readonly KeptLock[], operator: string, isForced: boolean): Release {
  const foreign = isForced ? [] : kept.filter(({ text }) => parseLockOwner(text)?.owner !== operator)
  if (foreign.length === 0) return { kept }
  return {
    refused: foreign.map(({ host, text }) => ({
      severity: "error",
      path: host,
      message: `is kept locked by ${lockOwnerText(text)}`,
      fix: `ask them, then: \`gonka-ha lock release --host ${host} --force\``,
    })),
  }
}
