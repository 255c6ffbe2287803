import type { Command } from "commander"
import type { Cli } from "../cli.ts"
import { addSignerBackup } from "./signer-backup.ts"

export function addSignerCommands(program: Command, cli: Cli): void {
  const signer = program.command("signer").description("the process that holds a validator's key")
  addSignerBackup(signer, cli)
}
