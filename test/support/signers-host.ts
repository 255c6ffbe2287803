import { AppError, EXIT } from "../../src/core/errors.ts"
import type { Fleet } from "../../src/core/ports.ts"
import { aHost } from "./paper-deployment.ts"

/** Hosts that hold these files and let them be read one by one. */
export function readableHosts(files: Readonly<Record<string, string>>): Fleet {
  const host = aHost({
    run: async ([, , , , path]) => ({ code: 0, stdout: (path === undefined ? undefined : files[path]) ?? "", stderr: "" }),
  })
  return { host: () => host, close: async () => {} }
}

/** Hosts on which nothing of gonka-ha is. */
export function emptyHosts(): Fleet {
  const silent = () => Promise.reject(new AppError("RPC", EXIT.unreachable, "nothing listens there"))
  const host = aHost({
    run: async () => ({ code: 0, stdout: "absent\nend\n", stderr: "" }),
    containers: async () => [],
    rpc: silent,
  })
  return { host: () => host, close: async () => {} }
}
