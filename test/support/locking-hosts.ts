import { readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { AppError, EXIT } from "../../src/core/errors.ts"
import type { HostAccess } from "../../src/core/ports.ts"
import type { Topology } from "../../src/core/topology.ts"
import { LocalConnection } from "../../src/edge/local-connection.ts"
import { aHost } from "./paper-deployment.ts"
import { temporaryDir } from "./temporary-dir.ts"

/** Hosts that are directories of this machine: commands and locks are real. Meant for deployments whose directory is not of this machine. */
export class LockingHosts {
  readonly access: Readonly<Record<string, HostAccess>>
  readonly away = new Set<string>()
  readonly #root = temporaryDir()
  readonly #dir: string

  constructor(topology: Topology) {
    this.#dir = topology.dir
    this.access = Object.fromEntries(topology.hosts.map(({ name }) => [name, this.#host(name)]))
  }

  /** Where a file of the deployment on a host really is. */
  path(host: string, file: string): string {
    return join(this.#root, host, file)
  }

  /** Kills whoever holds a lock. */
  killHolder(host: string, lock: string): void {
    const inode = statSync(this.path(host, lock)).ino
    const row = readFileSync("/proc/locks", "utf8")
      .split("\n")
      .find((each) => each.includes("FLOCK") && each.includes(`:${inode} `))
    // Whoever took it leads a process group of its own, in which its child holds the lock, too.
    process.kill(-Number(row?.split(/\s+/)[4]), "SIGKILL")
  }

  #host(name: string): HostAccess {
    const connection = new LocalConnection(name)
    const here = (argv: readonly string[]) => argv.map((arg) => arg.replace(this.#dir, join(this.#root, name)))
    const reach = async <T>(work: () => Promise<T>): Promise<T> => {
      if (this.away.has(name)) throw new AppError("HOST_UNREACHABLE", EXIT.unreachable, `host ${name} cannot be reached: no route`)
      return work()
    }
    return aHost({
      run: (argv, options) => reach(() => connection.run(here(argv), options)),
      hold: (argv) => reach(() => connection.hold(here(argv))),
    })
  }
}
