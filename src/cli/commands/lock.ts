import { type Command, Option } from "commander"
import type { Cli, SetExit } from "../cli.ts"
import { envelope } from "../envelope.ts"
import {
  collect,
  destinationOption,
  type FileOption,
  fileOption,
  type JsonOption,
  jsonOption,
  type LockWaitOption,
  lockWaitOption,
  patient,
  sourceOf,
} from "./options.ts"

type HostsOption = { readonly host: readonly string[] }

const hostsOption = () => new Option("--host <host>", "only this one; may be given again").argParser(collect).default([], "every host")

export function addLockCommand(program: Command, cli: Cli, setExit: SetExit): void {
  const lock = program.command("lock").description("who may change the hosts; a lock that is kept holds until it is released")
  addStatus(lock, cli, setExit)
  addAcquire(lock, cli)
  addRelease(lock, cli)
}

function addStatus(lock: Command, cli: Cli, setExit: SetExit): void {
  const { io } = cli
  lock
    .command("status")
    .description("every lock: free, held by a running command, or kept, with owner, reason, since and epoch")
    .addOption(fileOption())
    .addOption(destinationOption())
    .addOption(jsonOption("lock-status"))
    .action(async (options: FileOption & JsonOption) => {
      const [{ locksOf }, { locksText }] = await Promise.all([import("../../app/kept-lock.ts"), import("../show-locks.ts")])
      const view = await cli.withDeployment(sourceOf(cli, options), locksOf)
      io.out(options.json ? envelope("lock-status", cli.now(), view.exitCode, view) : locksText(view))
      setExit(view.exitCode)
    })
}

function addAcquire(lock: Command, cli: Cli): void {
  const { io } = cli
  lock
    .command("acquire")
    .description("let no command change these hosts, or who signs there, until `lock release`; reading and `signer fence` still work")
    .requiredOption("--reason <text>", "why; whoever is refused for it reads that")
    .addOption(hostsOption())
    .addOption(lockWaitOption())
    .addOption(fileOption())
    .addOption(destinationOption())
    .action(async (options: FileOption & HostsOption & LockWaitOption & { readonly reason: string }) => {
      const { acquireLock } = await import("../../app/kept-lock.ts")
      const kept = await cli.withDeployment(sourceOf(cli, options), (deployment) =>
        acquireLock(patient(deployment, options), { hosts: options.host, reason: options.reason }),
      )
      io.out(`lock: ${kept.hosts.join(", ")}: kept until \`gonka-ha lock release\`: ${kept.reason}\n`)
    })
}

function addRelease(lock: Command, cli: Cli): void {
  const { io } = cli
  lock
    .command("release")
    .description("take kept locks away; a running command's lock ends with the command")
    .addOption(hostsOption())
    .option("--force", "also those of somebody else, who then are told of here")
    .addOption(fileOption())
    .addOption(destinationOption())
    .action(async (options: FileOption & HostsOption & { readonly force?: true }) => {
      const [{ releaseLock }, { lockOwnerText }] = await Promise.all([import("../../app/kept-lock.ts"), import("../../core/lock-owner.ts")])
      const released = await cli.withDeployment(sourceOf(cli, options), (deployment) =>
        releaseLock(deployment, { hosts: options.host, isForced: options.force ?? false }),
      )
      const lines = released.map(({ host, text }) => `lock: ${host} is free; it was kept by ${lockOwnerText(text)}\n`)
      io.out(lines.length === 0 ? "lock: nothing is kept locked\n" : lines.join(""))
    })
}
