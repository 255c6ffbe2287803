import { Command, CommanderError, Option } from "commander"
import type { Deployment } from "../app/deployment.ts"
import { specFile } from "../app/load.ts"
import type { RenderPorts } from "../app/render.ts"
import { EXIT, type ExitCode } from "../core/errors.ts"
import type { Verb } from "../core/plan/preflight.ts"
import { addCheckImageCommand } from "./commands-check-image.ts"
import { confirmByTyping } from "./confirm.ts"
import { envelope } from "./envelope.ts"
import type { Io } from "./io.ts"

/** What the composition root gives the commands. */
export type Cli = {
  readonly version: string
  readonly io: Io
  readonly env: { readonly file: string | undefined; readonly yes: boolean }
  readonly now: () => string
  readonly local: () => Promise<RenderPorts>
  /** Opens a deployment, runs the work, closes every connection. */
  readonly withDeployment: <T>(file: string, work: (deployment: Deployment) => Promise<T>) => Promise<T>
}

type FileOption = { readonly file?: string }
type YesOption = { readonly yes?: true }
type JsonOption = { readonly json?: true }

const EXIT_HELP = `
Exit codes: 0 ok, no changes · 1 bug · 2 changes found · 3 spec invalid · 4 degraded ·
5 critical: not signing, or unclear who signs · 6 refused by a safety gate, nothing
changed · 7 stopped half-way, journal kept · 8 lock held · 9 host unreachable ·
10 cancelled · 64 usage · 130 interrupted`

/** Parses the arguments and runs one command. @returns the exit code */
export async function runCommand(cli: Cli, argv: readonly string[]): Promise<ExitCode> {
  let exit: ExitCode = EXIT.ok
  const setExit = (code: ExitCode) => {
    exit = code
  }
  const program = new Command("gonka-ha")
    .description("High availability for Gonka validators on plain Docker Compose hosts")
    .version(cli.version)
    .exitOverride()
    .configureOutput({ writeOut: cli.io.out, writeErr: cli.io.err })
    .showHelpAfterError("(gonka-ha --help lists the commands)")
    .addHelpText("after", EXIT_HELP)
  addLocalCommands(program, cli, setExit)
  addHostCommands(program, cli, setExit)
  addMoveCommands(program, cli)
  addCheckImageCommand(program, cli, setExit)
  try {
    await program.parseAsync([...argv], { from: "user" })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  }
  return exit
}

const fileOption = () => new Option("-f, --file <file>", "the topology file (default: $GONKA_HA_FILE or gonka-ha.yaml)")
const yesOption = () => new Option("-y, --yes", "do not ask")
const jsonOption = () => new Option("--json", "machine-readable answer")

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]

function addLocalCommands(program: Command, cli: Cli, setExit: (code: ExitCode) => void): void {
  const { io, env } = cli
  const fileOf = (options: FileOption) => specFile(options.file, env.file)

  program
    .command("init")
    .description("write a topology file, keys and .gitignore")
    .requiredOption("--preset <preset>", "shape to start from: ha-2")
    .option("--name <name>", "name of the deployment")
    .option("--profile <profile>", "network profile")
    .option("--set <path=value>", "set a value in the file; may be repeated", collect, [])
    .option("--import-consensus-key <file>", "use this key (priv_validator_key.json or tmkms softsign) instead of a new one")
    .option("--import-state <file>", "the imported key's last signing state")
    .addOption(fileOption())
    .action(
      async (
        options: FileOption & {
          preset: string
          name?: string
          profile?: string
          set: string[]
          importConsensusKey?: string
          importState?: string
        },
      ) => {
        const [{ initDeployment }, { initText }] = await Promise.all([import("../app/init.ts"), import("./show-init.ts")])
        const request = {
          file: fileOf(options),
          preset: options.preset,
          name: options.name,
          profile: options.profile,
          settings: options.set,
        }
        io.out(
          initText(
            await initDeployment(await cli.local(), {
              ...request,
              consensusKeyFile: options.importConsensusKey,
              stateFile: options.importState,
            }),
          ),
        )
      },
    )

  program
    .command("validate")
    .description("check the topology file; every problem at once")
    .addOption(fileOption())
    .addOption(jsonOption())
    .action(async (options: FileOption & JsonOption) => {
      const [{ loadSpec }, { validationText }] = await Promise.all([import("../app/load.ts"), import("./show-validation.ts")])
      const loaded = await loadSpec(await cli.local(), fileOf(options))
      io.out(options.json ? envelope("validate", cli.now(), EXIT.ok, { file: loaded.file, issues: loaded.issues }) : validationText(loaded))
    })

  program
    .command("render")
    .description("write every host's files to rendered/")
    .option("--check", "write nothing; exit 2 when the files are not up to date")
    .addOption(fileOption())
    .action(async (options: FileOption & { check?: true }) => {
      const [{ renderDeployment }, { renderedText }] = await Promise.all([import("../app/render.ts"), import("./show-render.ts")])
      const rendered = await renderDeployment(await cli.local(), { file: fileOf(options), check: options.check ?? false })
      io.out(renderedText(rendered))
      if (options.check && rendered.changes.length > 0) setExit(EXIT.changes)
    })

  const keys = program.command("keys").description("the deployment's keys on this machine")
  keys
    .command("show")
    .description("public parts only")
    .addOption(fileOption())
    .addOption(jsonOption())
    .action(async (options: FileOption & JsonOption) => {
      const [{ showKeys }, { publicKeysText }] = await Promise.all([import("../app/keys.ts"), import("./show-keys.ts")])
      const shown = await showKeys(await cli.local(), { file: fileOf(options) })
      io.out(options.json ? envelope("keys", cli.now(), EXIT.ok, shown) : publicKeysText(shown))
    })
  keys
    .command("generate")
    .description("make what is missing, never a consensus key")
    .addOption(fileOption())
    .action(async (options: FileOption) => {
      const [{ generateKeys }, { generatedKeysText }] = await Promise.all([import("../app/keys.ts"), import("./show-keys.ts")])
      io.out(generatedKeysText(await generateKeys(await cli.local(), { file: fileOf(options) })))
    })
  keys
    .command("import")
    .description("take an existing consensus key, a signing state, or both")
    .option("--validator <name>", "whose")
    .option("--key <file>", "priv_validator_key.json or a tmkms softsign key")
    .option("--state <file>", "priv_validator_state.json of a node or of tmkms")
    .addOption(fileOption())
    .action(async (options: FileOption & { validator?: string; key?: string; state?: string }) => {
      const [{ importKeys }, { importedKeysText }] = await Promise.all([import("../app/keys.ts"), import("./show-keys.ts")])
      const request = { file: fileOf(options), validator: options.validator, keyFile: options.key, stateFile: options.state }
      io.out(importedKeysText(await importKeys(await cli.local(), request)))
    })
}

function addHostCommands(program: Command, cli: Cli, setExit: (code: ExitCode) => void): void {
  const { io, env } = cli
  const fileOf = (options: FileOption) => specFile(options.file, env.file)

  program
    .command("up")
    .description("bring the deployment up, or make it match its files; never changes who signs")
    .option("--dry-run", "show the plan only; exit 2 when there is something to do")
    .addOption(yesOption())
    .addOption(fileOption())
    .action(async (options: FileOption & YesOption & { dryRun?: true }) => {
      const [{ up }, { upPlanText }] = await Promise.all([import("../app/up.ts"), import("./show-plan.ts")])
      await cli.withDeployment(fileOf(options), async (deployment) => {
        const result = await up(deployment, { dryRun: options.dryRun ?? false }, async (plan) => {
          io.err(upPlanText(plan))
          await confirmByTyping(io, options.yes ?? env.yes, { what: "up", word: "yes", option: "--yes" })
        })
        io.out(result.changed ? `up: done, ${result.plan.steps.length} steps\n` : upPlanText(result.plan))
        if (result.plan.heldBack.length > 0 || (options.dryRun && result.plan.steps.length > 0)) setExit(EXIT.changes)
      })
    })

  program
    .command("status")
    .description("every node on one screen, who signs and how that is known")
    .addOption(fileOption())
    .addOption(jsonOption())
    .action(async (options: FileOption & JsonOption) => {
      const [{ status }, { statusText }] = await Promise.all([import("../app/status.ts"), import("./show-status.ts")])
      const view = await cli.withDeployment(fileOf(options), status)
      io.out(options.json ? envelope("status", cli.now(), view.exitCode, view) : statusText(view))
      setExit(view.exitCode)
    })

  program
    .command("down")
    .description("stop and remove the containers; keys, chain data and signer state stay")
    .option("--name <name>", "the deployment's name, instead of typing it")
    .addOption(fileOption())
    .action(async (options: FileOption & { name?: string }) => {
      const { down } = await import("../app/down.ts")
      await cli.withDeployment(fileOf(options), async (deployment) => {
        const { deployment: name } = deployment.topology
        await confirmByTyping(io, options.name === name, { what: `down of ${name}`, word: name, option: `--name ${name}` })
        await down(deployment)
      })
      io.out("down: the containers are gone; keys, chain data and signer state are where they were\n")
    })
}

function addMoveCommands(program: Command, cli: Cli): void {
  const { io, env } = cli
  const run = async (verb: Verb, to: string, options: FileOption & YesOption & JsonOption & { validator?: string; dryRun?: true }) => {
    const [{ move }, { movePlanText }, { moveText }] = await Promise.all([
      import("../app/move.ts"),
      import("./show-plan.ts"),
      import("./show-move.ts"),
    ])
    await cli.withDeployment(specFile(options.file, env.file), async (deployment) => {
      const result = await move(
        deployment,
        { verb, to, validator: options.validator },
        { dryRun: options.dryRun ?? false },
        async (plan) => {
          io.err(movePlanText(plan))
          await confirmByTyping(io, options.yes ?? env.yes, { what: `${verb} ${to}`, word: to, option: "--yes" })
        },
      )
      io.out(options.json ? envelope(verb, cli.now(), EXIT.ok, result) : moveText(result))
    })
  }
  program
    .command("promote [node]")
    .description("move validating to a node, provably safe; the active node must be well")
    .option("--validator <name>", "which validator, when the node may serve several")
    .option("--dry-run", "preflight and plan only")
    .option("--resume", "finish what was left half-way")
    .addOption(yesOption())
    .addOption(fileOption())
    .addOption(jsonOption())
    .action(
      async (
        node: string | undefined,
        options: FileOption & YesOption & JsonOption & { validator?: string; dryRun?: true; resume?: true },
        command: Command,
      ) => {
        if (options.resume) {
          if (node !== undefined) command.error("error: --resume finishes what was begun; it takes no node", { exitCode: EXIT.usage })
          if (options.dryRun) command.error("error: --resume acts at once: it takes no --dry-run", { exitCode: EXIT.usage })
          const [{ resume }, { moveText }] = await Promise.all([import("../app/move.ts"), import("./show-move.ts")])
          const result = await cli.withDeployment(specFile(options.file, env.file), (deployment) => resume(deployment, options.validator))
          io.out(options.json ? envelope("promote", cli.now(), EXIT.ok, result) : moveText(result))
          return
        }
        if (node === undefined) return command.error("error: say which node, or --resume", { exitCode: EXIT.usage })
        await run("promote", node, options)
      },
    )
  program
    .command("failover <node>")
    .description("move validating away from a node that is lost; the signer must be alive")
    .option("--validator <name>", "which validator, when the node may serve several")
    .option("--dry-run", "preflight and plan only")
    .addOption(yesOption())
    .addOption(fileOption())
    .addOption(jsonOption())
    .action((node: string, options: FileOption & YesOption & JsonOption & { validator?: string; dryRun?: true }) =>
      run("failover", node, options),
    )
}
