import type { Fleet } from "../../src/core/ports.ts"
import { aHost } from "./paper-deployment.ts"

/** Hosts that hold these files and let them be read one by one. */
export function readableHosts(files: Readonly<Record<string, string>>): Fleet {
  const host = aHost({
    run: async ([, , , , path]) => ({ code: 0, stdout: (path === undefined ? undefined : files[path]) ?? "", stderr: "" }),
  })
  return { host: () => host, close: async () => {} }
}
