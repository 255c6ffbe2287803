import { once } from "node:events"
import { readFileSync } from "node:fs"
import { homedir, hostname, userInfo } from "node:os"
import { basename, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Deployment } from "./app/deployment.ts"
import type { SpecSource } from "./app/load-layers.ts"
import type { RenderPorts } from "./app/render.ts"
import type { Cli } from "./cli/cli.ts"
import type { Io } from "./cli/io.ts"
import { type LiveReport, liveReport } from "./cli/live-report.ts"
import { runCommand } from "./cli/program.ts"
import { plainReport } from "./cli/report.ts"
import { errorText } from "./cli/show-error.ts"
import { EXIT } from "./core/errors.ts"
import { issueLine } from "./core/issue.ts"
import { harmless } from "./core/printable.ts"
import { outletTo } from "./edge/outlet.ts"

/** The only place that knows every layer: it builds the ports, runs one command, and turns the outcome into an exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  const packageDir = join(dirname(fileURLToPath(import.meta.url)), "..")
  const live = liveOnStderr()
  const interruption = interruptions((text) => written(live, process.stderr, text))
  const interrupt = interruption.signal
  const io = terminal(interruption, live)
  const cli: Cli = {
    version: versionOf(packageDir),
    io,
    env: {
      file: process.env.GONKA_HA_FILE,
      destination: process.env.GONKA_HA_DESTINATION || undefined,
      yes: process.env.GONKA_HA_YES === "1",
    },
    now: () => new Date().toISOString(),
    local: () => localPorts(packageDir),
    backups: async () => (await import("./edge/backup-files.ts")).backupFiles(Date.now),
    withDeployment: async (source, work, report = live?.report ?? plainReport(io.err)) => {
      const deployment = await openDeployment(packageDir, source, { io, signal: interrupt, report })
      try {
        return await work(deployment)
      } finally {
        live?.end()
        await deployment.fleet.close()
      }
    },
  }
  try {
    process.exitCode = await runCommand(cli, argv)
  } catch (error) {
    const { text, exit } = errorText(error)
    io.err(text)
    process.exitCode = exit
  }
}

async function localPorts(packageDir: string): Promise<RenderPorts> {
  const [{ localFiles }, { openKeyStore }, { referenceReader }, { sha256 }] = await Promise.all([
    import("./edge/local-files.ts"),
    import("./edge/key-store.ts"),
    import("./edge/secret-reference.ts"),
    import("./edge/sha256.ts"),
  ])
  return {
    files: localFiles,
    keyStore: ({ stateDir, specDir }) => openKeyStore(localFiles, stateDir, referenceReader(localFiles, specDir, homedir())),
    profilesDir: join(packageDir, "profiles"),
    templatesDir: join(packageDir, "templates"),
    home: homedir(),
    sha256,
  }
}

type Surroundings = Pick<Deployment, "signal" | "report"> & { readonly io: Io }

async function openDeployment(packageDir: string, source: SpecSource, { io, signal, report }: Surroundings): Promise<Deployment> {
  const ports = await localPorts(packageDir)
  const [{ loadTopology }, { renderTopology }, { openFleet }, { systemClock }] = await Promise.all([
    import("./app/load.ts"),
    import("./app/render.ts"),
    import("./edge/fleet.ts"),
    import("./edge/clock.ts"),
  ])
  const { topology, texts, stateDir, recordsDir, keys, issues } = await loadTopology(ports, source)
  for (const issue of issues) io.err(`${issueLine(issue)}\n`)
  return {
    topology,
    files: await renderTopology(ports, topology),
    secrets: await keys.secretFiles(topology),
    specDigests: texts.map(({ file, text }) => ({ file: basename(file), sha256: ports.sha256(text) })),
    keys,
    fleet: openFleet(topology),
    clock: systemClock,
    local: ports.files,
    stateDir,
    recordsDir,
    sha256: ports.sha256,
    probeScript: await ports.files.readText(join(ports.templatesDir, "probe.sh")),
    moveScript: await ports.files.readText(join(ports.templatesDir, "move-signer.sh")),
    report,
    signal,
    operator: `${userInfo().username}@${hostname()}`,
    crashAfter,
  }
}

/** A drill's way to die at an exact place: `GONKA_HA_CRASH_AFTER=signer.stop` is a SIGKILL right after that step. */
function crashAfter(step: string): void {
  if (process.env.GONKA_HA_CRASH_AFTER === step) process.kill(process.pid, "SIGKILL")
}

type Interruptions = {
  readonly signal: AbortSignal
  /** A command that is ended by Ctrl-C as a rule has no step that would be told of. */
  beQuiet(): void
}

/** The first Ctrl-C, a closed terminal or a polite kill lets the running step end; the second Ctrl-C ends the process. */
function interruptions(say: (text: string) => void): Interruptions {
  const controller = new AbortController()
  let isQuiet = false
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (signal === "SIGINT" && controller.signal.aborted) process.exit(EXIT.interrupted)
      if (!isQuiet) say("interrupted: finishing the step that is under way; press Ctrl-C again to stop at once\n")
      controller.abort()
    })
  }
  return {
    signal: controller.signal,
    beQuiet: () => {
      isQuiet = true
    },
  }
}

/** Codes that move the cursor are written to a terminal that knows them, and to nobody who asked for none. */
function mayMoveCursor(): boolean {
  return !process.env.NO_COLOR && process.env.TERM !== "dumb"
}

function liveOnStderr(): LiveReport | undefined {
  if (process.stderr.isTTY !== true || !mayMoveCursor()) return undefined
  return liveReport({
    write: (text) => process.stderr.write(text),
    columns: () => process.stderr.columns || undefined,
    monoMs: () => performance.now(),
    every: (ms, work) => {
      const timer = setInterval(work, ms).unref()
      return () => clearInterval(timer)
    },
  })
}

/** What is drawn in place must not be in the way of anything else that is written to the terminal. */
function written(live: LiveReport | undefined, stream: NodeJS.WriteStream, text: string): void {
  if (live && stream.isTTY) live.above(() => stream.write(text))
  else stream.write(text)
}

function terminal({ signal, beQuiet }: Interruptions, live: LiveReport | undefined): Io {
  // A reader that goes away (`| head`) must not end a command that is moving a signer.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {})
  return {
    // Whatever a host has put into a text, it steers no terminal.
    out: (text) => written(live, process.stdout, harmless(text)),
    err: (text) => written(live, process.stderr, harmless(text)),
    // A question that is written to a file is one that nobody reads.
    interactive: process.stdin.isTTY === true && process.stderr.isTTY === true,
    foreground: () => {
      beQuiet()
      return { out: outletTo(process.stdout, mayMoveCursor()), err: outletTo(process.stderr, mayMoveCursor()) }
    },
    ask: async (question) => {
      live?.end()
      const { createInterface } = await import("node:readline/promises")
      const prompt = createInterface({ input: process.stdin, output: process.stderr })
      try {
        // Ctrl-D ends the question without an answer, and Ctrl-C before anything was changed is a cancel.
        return await Promise.race([prompt.question(question), once(prompt, "close").then(() => "")]).catch(() => "")
      } finally {
        prompt.close()
      }
    },
    askHidden: async (question) => (await import("./edge/hidden-question.ts")).hiddenAnswer(question, signal),
    readInput: async () => (process.stdin.isTTY === true ? undefined : (await import("node:stream/consumers")).text(process.stdin)),
    questions: async () => (await import("./edge/terminal-questions.ts")).terminalQuestions(signal),
  }
}

function versionOf(packageDir: string): string {
  const manifest: unknown = JSON.parse(readFileSync(join(packageDir, "package.json"), "utf8"))
  return typeof manifest === "object" && manifest !== null && "version" in manifest ? String(manifest.version) : "unknown"
}
