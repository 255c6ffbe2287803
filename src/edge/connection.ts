import type { Duplex } from "node:stream"
import type { Feed, RemoteHold, RunOptions, RunResult, StreamOptions } from "../core/ports.ts"

/** Where something that listens on the host can be reached from here. */
export type Endpoint = { readonly socketPath: string } | { readonly port: number }

/** How commands reach a host: over SSH, or directly on this machine. */
export type Connection = {
  run(argv: readonly string[], options?: RunOptions): Promise<RunResult>
  stream(argv: readonly string[], options: StreamOptions): Promise<number | undefined>
  feed(argv: readonly string[]): Promise<Feed>
  attach(argv: readonly string[], tty: boolean): Promise<number>
  hold(argv: readonly string[]): Promise<RemoteHold | RunResult>
  /** `docker` for the engine, or the number of a loopback port. */
  endpoint(key: string): Promise<Endpoint>
  /** A command whose input and output are one stream; what it wrote to standard error is the stream's error when it fails at once. */
  pipe(argv: readonly string[]): Promise<Duplex>
  /** True once the host has refused to open a connection to a port of its own for us. */
  refusesForwards(): Promise<boolean>
  /** The same behind a connection that was closed without a word: what there is to tell of it is waited for. */
  hasJustRefused(): Promise<boolean>
  close(): Promise<void>
}

export const DOCKER_SOCKET = "/var/run/docker.sock"
