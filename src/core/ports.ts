import type { ContainerSeen } from "./observe/state.ts"
import type { Secret } from "./secret.ts"
import type { SecretRef } from "./secret-ref.ts"

/** Time as the application sees it; tests supply their own. */
export type Clock = {
  wallMs(): number
  monoMs(): number
  sleep(ms: number): Promise<void>
}

export type RunOptions = {
  readonly stdin?: string
  readonly timeoutMs?: number
  /** Knocks once more at a host that did not let us in before; otherwise one that is down costs one timeout and not one per question. */
  readonly anew?: boolean
}

export type RunResult = { readonly code: number; readonly stdout: string; readonly stderr: string }

/** Something held open on a host, released when its connection ends, also when this process is killed. */
export type RemoteHold = {
  /** Resolves when it is no longer held, with the reason. */
  readonly lost: Promise<string>
  release(): Promise<void>
}

/** Takes the next piece of what a command prints; nothing more is read before it has. False when nobody wants any more. */
export type TakePiece = (piece: Uint8Array) => Promise<boolean>

export type StreamOptions = {
  readonly out: TakePiece
  readonly err: TakePiece
  /** Ends the command. */
  readonly signal?: AbortSignal
}

/** A command that reads its input piece by piece. */
export type Feed = {
  /** Waits until there is room for more. False when the command takes nothing any more, since it has ended. */
  write(piece: Uint8Array): Promise<boolean>
  /** Ends the input, and waits for the command's end without a limit of time. */
  end(): Promise<RunResult>
  /** Ends the command as it stands; whether it takes that for a proper end is not known. */
  abort(): void
}

/** Everything that is done on one host. Every method throws AppError HOST_UNREACHABLE when the host cannot be reached. */
export type HostAccess = {
  /** Runs a command given as an argument list; a non-zero code is a result, not an exception. */
  run(argv: readonly string[], options?: RunOptions): Promise<RunResult>
  /**
   * Runs a command without a limit of time or length, and hands on what it prints as it comes. Its input stays open and empty until it
   * ends or is ended. @returns its exit code; undefined when it was ended by the signal, or because nobody wanted more
   */
  stream(argv: readonly string[], options: StreamOptions): Promise<number | undefined>
  /** Runs a command without a limit of time whose input comes from here piece by piece. It prints little. */
  feed(argv: readonly string[]): Promise<Feed>
  /**
   * Hands the operator's own terminal to a command, or to a login shell where there is none.
   * @param tty whether the far side gets a terminal, too @returns its exit code
   */
  attach(argv: readonly string[], tty: boolean): Promise<number>
  /** Writes a file through standard input: temporary file, checksum, fsync, rename. Directories are made as needed. */
  push(path: string, content: string | Secret, mode: number): Promise<void>
  /** Runs a command that prints `held` and then blocks until its input ends; undefined when it exits without printing that. */
  hold(argv: readonly string[]): Promise<RemoteHold | RunResult>
  /** GETs a path of an RPC server that listens on the host's loopback, and gives its `result`. */
  rpc(port: number, path: string, timeoutMs: number): Promise<unknown>
  /** Containers that carry a gonka-ha label, of any deployment, in any state. */
  containers(): Promise<readonly ContainerSeen[]>
  inspect(container: string): Promise<ContainerSeen | undefined>
  /** SIGKILL; returns when the engine says that the container no longer runs. */
  kill(container: string): Promise<void>
  start(container: string): Promise<void>
  /** Lines of the container's log since a moment of the engine's clock, without terminal codes. */
  logs(container: string, options: { readonly sinceMs?: number; readonly tail?: number }): Promise<readonly string[]>
}

/** Standard output or error, for what comes in pieces and may have no end. */
export type Outlet = {
  /** Whether a person looks at it. */
  readonly isTerminal: boolean
  /** There on a terminal on which the cursor may be moved. */
  readonly screen?: { rows(): number }
  /** Waits until the piece is written, however slowly it is read. False when nobody reads any more. */
  write(piece: string | Uint8Array): Promise<boolean>
}

export type Fleet = {
  host(name: string): HostAccess
  close(): Promise<void>
}

/** Files of the operator's machine. Paths are as the user or the layout gives them. */
export type LocalFiles = {
  /** @throws AppError FILE_UNREADABLE */
  readText(path: string): Promise<string>
  exists(path: string): Promise<boolean>
  /** Creates a file that must not exist; directories are made with the same privacy. @throws AppError FILE_EXISTS */
  create(path: string, content: string | Secret, mode: number): Promise<void>
  /** Temporary file, fsync, rename. */
  replace(path: string, content: string | Secret, mode: number): Promise<void>
  /** Appends one line and waits until it is on the disk. */
  append(path: string, line: string): Promise<void>
  /** Relative paths of the files below a directory, sorted; empty when there is none. */
  list(dir: string): Promise<readonly string[]>
  /** Removes one file below a directory that is gonka-ha's own, and the directories that are empty after it. */
  removeBelow(dir: string, path: string): Promise<void>
}

/** The public half of an Ed25519 key in the forms that the chain uses. */
export type PublicIdentity = {
  readonly pubkeyBase64: string
  /** First 20 bytes of SHA-256 of the public key, upper-case hex: a validator's address; in lower case a node's id. */
  readonly addressHex: string
}

/** Where a secret goes on a host, and where it comes from. */
export type SecretFile = {
  readonly host: string
  readonly path: string
  /** Tells whether it is there already; undefined for a reference, which is only read when the secret is needed. */
  readonly sha256: string | undefined
  readonly source:
    | { readonly kind: "local"; readonly path: string }
    | { readonly kind: "reference"; readonly ref: SecretRef; readonly pubkey: string | undefined }
}
