import { writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Fleet } from "../../src/core/ports.ts"
import { accessOver } from "../../src/edge/fleet.ts"
import { LocalConnection } from "../../src/edge/local-connection.ts"
import { temporaryDir } from "./temporary-dir.ts"

/**
 * Hosts that are this machine, with a program of the test's own in the place of `docker`.
 * @param script its text for sh; `$1` is the command of docker
 */
export function standInDocker(script: string): Fleet {
  const dir = temporaryDir()
  writeFileSync(join(dir, "docker"), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return {
    host: (name) => {
      const access = accessOver(new LocalConnection(name), name)
      const within = (argv: readonly string[]) => ["env", `PATH=${dir}:${process.env.PATH}`, ...argv]
      return {
        ...access,
        // Nothing is written on this machine, no audit line either.
        run: async () => ({ code: 0, stdout: "", stderr: "" }),
        stream: (argv, options) => access.stream(within(argv), options),
        // The real engine of this machine is nobody's business here.
        inspect: async (container) => ({
          id: container,
          name: container,
          deployment: "lab",
          service: container,
          role: "node",
          digest: "",
          status: "running",
          image: "",
          exitCode: undefined,
        }),
      }
    },
    close: async () => {},
  }
}
