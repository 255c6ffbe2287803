import type { Issue } from "./issue.ts"

/** Exit codes of the command line; each has one meaning for scripts and for people (see `gonka-ha --help`). */
export const EXIT = {
  ok: 0,
  bug: 1,
  changes: 2,
  specInvalid: 3,
  degraded: 4,
  critical: 5,
  refused: 6,
  halfWay: 7,
  lockHeld: 8,
  unreachable: 9,
  cancelled: 10,
  usage: 64,
  interrupted: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

export type ErrorCode =
  | "SPEC_INVALID"
  | "FILE_UNREADABLE"
  | "FILE_UNWRITABLE"
  | "FILE_EXISTS"
  | "BACKUP_UNREADABLE"
  | "KEY_MISSING"
  | "KEY_INVALID"
  | "KEY_CONFLICT"
  | "USAGE"
  | "REFUSED"
  | "HALF_WAY"
  | "LOCK_HELD"
  | "LOCK_LOST"
  | "HOST_UNREACHABLE"
  | "REMOTE_COMMAND"
  | "ENGINE"
  | "RPC"
  | "WAIT_STALLED"
  | "CANCELLED"
  | "INTERRUPTED"

type Detail = {
  readonly hint?: string
  readonly issues?: readonly Issue[]
  readonly cause?: unknown
  readonly retry?: true
  readonly answers?: true
}

/** An expected failure: it carries what an operator needs, and the exit code of the process. Anything else that is thrown is a bug. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly exit: ExitCode
  readonly hint: string | undefined
  readonly issues: readonly Issue[]
  /** True when a fresh look and a new plan may do better at once; nothing unsafe has happened. */
  readonly retry: boolean
  /** True of a host that has let us in and then not done what it was to do: no proof that nothing runs there. */
  readonly answers: boolean

  constructor(code: ErrorCode, exit: ExitCode, message: string, detail: Detail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause })
    this.name = "AppError"
    this.code = code
    this.exit = exit
    this.hint = detail.hint
    this.issues = detail.issues ?? []
    this.retry = detail.retry ?? false
    this.answers = detail.answers ?? false
  }
}

/** The message of whatever was thrown, on one line. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.split("\n")[0] ?? text
}
