import type { Issue } from "../../issue.ts"
import type { Verb } from "./facts.ts"

/** A reason not to move: value and rule in the message, what to do in the fix. */
export function refuse(path: string, message: string, fix: string): Issue {
  return { severity: "error", path, message, fix }
}

/** Something to know before a move, which does not stop it. */
export function warn(path: string, message: string, fix: string): Issue {
  return { severity: "warning", path, message, fix }
}

/**
 * A reason that stops a promotion, which can wait, and is only told before a failover: blocks are being missed then, and what might go
 * wrong later weighs less. Never used for anything that could lead to a second signature.
 */
export function refuseIfPlanned(verb: Verb): typeof refuse {
  return verb === "promote" ? refuse : warn
}
