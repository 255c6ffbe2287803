import { AppError, EXIT } from "../../src/core/errors.ts"
import type { Fleet, RunOptions, RunResult } from "../../src/core/ports.ts"
import type { Connection } from "../../src/edge/connection.ts"
import { accessOver } from "../../src/edge/fleet.ts"

export type Heard = { readonly host: string; readonly argv: readonly string[]; readonly stdin: string | undefined }

/** Hosts with nothing on them that take files, and whose engine starts nothing; everything that reaches them is kept. */
export function bareFleet(heard: Heard[]): Fleet {
  return {
    host: (name) => ({
      ...accessOver(connectionTo(name, heard), name),
      containers: async () => [],
      inspect: async () => undefined,
      logs: async () => [],
    }),
    close: async () => {},
  }
}

function connectionTo(host: string, heard: Heard[]): Connection {
  return {
    async run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
      heard.push({ host, argv, stdin: options.stdin })
      if (argv[0] === "docker") return { code: 1, stdout: "", stderr: "the engine starts nothing today" }
      if (argv[3] === "next-host-epoch") return { code: 0, stdout: "1\n", stderr: "" }
      return { code: 0, stdout: argv[1] === "-s" ? "end\n" : "", stderr: "" }
    },
    stream: () => Promise.reject(new Error("nothing is streamed in this test")),
    feed: () => Promise.reject(new Error("nothing is fed in this test")),
    attach: () => Promise.reject(new Error("no terminal is handed over in this test")),
    hold: async () => ({ lost: new Promise<string>(() => {}), release: async () => {} }),
    endpoint: (key) => Promise.reject(new AppError("HOST_UNREACHABLE", EXIT.unreachable, `nothing listens at ${key}`)),
    pipe: () => Promise.reject(new Error("nothing is piped in this test")),
    refusesForwards: async () => false,
    hasJustRefused: async () => false,
    close: async () => {},
  }
}
