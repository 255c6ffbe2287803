import { basename } from "node:path"
import type { Deployment } from "../../src/app/deployment.ts"
import { loadTopology } from "../../src/app/load.ts"
import { type RenderPorts, renderTopology } from "../../src/app/render.ts"
import type { Cli } from "../../src/cli/cli.ts"
import { runCommand } from "../../src/cli/program.ts"
import { plainReport } from "../../src/cli/report.ts"
import { errorText } from "../../src/cli/show-error.ts"
import type { Report } from "../../src/core/events.ts"
import type { Fleet } from "../../src/core/ports.ts"
import type { Topology } from "../../src/core/topology.ts"
import { backupFiles } from "../../src/edge/backup-files.ts"
import { FakeClock } from "./fake-clock.ts"
import { localPorts } from "./local-ports.ts"
import { aTerminal } from "./terminal.ts"

export type Spoken = { readonly exit: number; readonly out: string; readonly err: string }

type Surroundings = {
  readonly ports?: RenderPorts
  readonly fleet?: (topology: Topology) => Fleet
  /** What is piped in. */
  readonly input?: string
}

/** One command from its arguments to its exit code, put together as the program does it, with hosts of the test's own. */
export async function spoken(argv: readonly string[], { ports = localPorts, fleet = noHosts, input }: Surroundings = {}): Promise<Spoken> {
  const { io, said } = aTerminal({ interactive: false, input })
  const cli: Cli = {
    version: "1.2.3",
    io,
    env: { file: undefined, destination: undefined, yes: false },
    now: () => "2026-11-23T12:00:00.000Z",
    local: async () => ports,
    // Two to the tenth instead of the eighteenth: the same file, in no time.
    backups: async () => backupFiles(() => 0, 10),
    withDeployment: async (source, work, report = plainReport(io.err)) => {
      const loaded = await loadTopology(ports, source)
      return work(await deploymentOf(loaded, ports, fleet, report))
    },
  }
  try {
    return { exit: await runCommand(cli, argv), ...said }
  } catch (error) {
    const { text, exit } = errorText(error)
    return { exit, out: said.out, err: said.err + text }
  }
}

async function deploymentOf(
  { topology, texts, stateDir, recordsDir, keys }: Awaited<ReturnType<typeof loadTopology>>,
  ports: RenderPorts,
  fleet: (topology: Topology) => Fleet,
  report: Report,
): Promise<Deployment> {
  return {
    topology,
    files: await renderTopology(ports, topology),
    secrets: await keys.secretFiles(topology),
    specDigests: texts.map(({ file, text }) => ({ file: basename(file), sha256: ports.sha256(text) })),
    keys,
    fleet: fleet(topology),
    clock: new FakeClock(),
    local: ports.files,
    stateDir,
    recordsDir,
    sha256: ports.sha256,
    probeScript: "the probe",
    moveScript: "the move",
    report,
    signal: new AbortController().signal,
    operator: "anna@desk",
    crashAfter: () => {},
  }
}

function noHosts(): Fleet {
  return {
    host: (name) => {
      throw new Error(`this test has no host ${name}`)
    },
    close: async () => {},
  }
}
