import type { Deployment } from "../../src/app/deployment.ts"
import type { Cli } from "../../src/cli/cli.ts"
import { runCommand } from "../../src/cli/program.ts"
import { plainReport } from "../../src/cli/report.ts"
import { errorText } from "../../src/cli/show-error.ts"
import type { Event } from "../../src/core/events.ts"
import type { HostAccess, RunResult } from "../../src/core/ports.ts"
import { localPorts } from "./local-ports.ts"
import { MEASURED_DATA } from "./measured-data.ts"
import { aTopology, type Change, changed, healthy } from "./observed.ts"
import { readableHosts } from "./older-world.ts"
import { aDeployment, type PaperDeployment } from "./paper-deployment.ts"
import { speakingHosts } from "./speaking-hosts.ts"
import { aTerminal } from "./terminal.ts"

type Way = {
  /** What was changed in a world where all is well. */
  readonly changes?: readonly Change[]
  /** Typed where it is asked for; there is no terminal without it. */
  readonly answer?: string
  /** Rows of a screen on which the cursor may be moved. */
  readonly rows?: number
  readonly lock?: "free" | "held"
  /** Why nothing can be pushed. */
  readonly pushFails?: Error
  readonly local?: PaperDeployment["local"]
  /** Sees every event, before it is reported. */
  readonly onEvent?: (event: Event, paper: PaperDeployment) => void
  /** Does something to the deployment before the command runs. */
  readonly before?: (paper: PaperDeployment) => void
}

const topology = aTopology()
const ok = (stdout = ""): RunResult => ({ code: 0, stdout, stderr: "" })

/** One command from its arguments to its exit code, on hosts that answer what was seen and do what they are told. */
export async function typedOnHosts(argv: readonly string[], way: Way = {}) {
  const terminal = aTerminal({
    interactive: way.answer !== undefined,
    ...(way.answer === undefined ? {} : { answer: way.answer }),
    ...(way.rows === undefined ? {} : { rows: way.rows }),
  })
  const speaking = speakingHosts(topology, changed(healthy(topology), ...(way.changes ?? [])), () => paper.clock)
  const hosts = Object.entries(readableHosts(speaking, new Map())).map(([name, access]) => [name, acting(access, way)] as const)
  const paper: PaperDeployment = aDeployment(Object.fromEntries(hosts), { topology })
  const cli: Cli = {
    version: "1.2.3",
    io: terminal.io,
    env: { file: undefined, destination: undefined, yes: false },
    now: () => new Date(paper.clock.wallMs()).toISOString(),
    local: async () => localPorts,
    backups: () => Promise.reject(new Error("no backup is made here")),
    withDeployment: async (_source, work, report = plainReport(terminal.io.err)) => {
      way.before?.(paper)
      const deployment: Deployment = {
        ...paper,
        local: way.local ?? paper.local,
        report: (event) => {
          way.onEvent?.(event, paper)
          report(event)
        },
      }
      return work(deployment)
    },
  }
  const exit = await runCommand(cli, argv).catch((error: unknown) => {
    const { text, exit } = errorText(error)
    terminal.io.err(text)
    return exit
  })
  return { exit, ...terminal.said, local: way.local ?? paper.local }
}

function acting(access: HostAccess, { lock = "free", pushFails }: Way): HostAccess {
  return {
    ...access,
    run: async (argv, options) => {
      const what = argv[3] ?? ""
      if (argv[0] === "cat") return ok("boris@office: promote node-2\n")
      if (what === "read-installed" || (argv[0] === "sh" && argv[1] === "-s")) return access.run(argv, options)
      if (what === "next-epoch") return ok("4\n")
      if (what === "next-host-epoch") return ok("1\n")
      if (what === "is-there") return ok("yes\n")
      if (what === "measure") return ok(MEASURED_DATA)
      return argv[0] === "docker" && argv[1] === "exec" ? access.run(argv, options) : ok()
    },
    push: async () => {
      if (pushFails) throw pushFails
    },
    inspect: async (wanted) => (await access.containers()).find((each) => each.name === wanted),
    start: async () => {},
    logs: async () => [],
    hold: async () =>
      lock === "held" ? { code: 75, stdout: "", stderr: "" } : { lost: new Promise<string>(() => {}), release: async () => {} },
  }
}
