import { type Command, Option } from "commander"
import { EXIT } from "../../core/errors.ts"
import type { Cli } from "../cli.ts"
import { envelope } from "../envelope.ts"
import { destinationOption, type FileOption, fileOption, type JsonOption, jsonOption, sourceOf } from "./options.ts"

type PassphraseOption = { readonly passphraseFile?: string }

const passphraseOption = () => new Option("--passphrase-file <file>", "its first and only line is the passphrase")

/** `signer backup` and `signer restore`. */
export function addSignerBackup(signer: Command, cli: Cli): void {
  const { io } = cli
  signer
    .command("backup")
    .description("encrypt keys, topology and records of this machine, and the signers' states, into one file")
    .argument("<file>", "must not exist yet")
    .addOption(passphraseOption())
    .option("--with-references", "take in the secrets that the topology file only refers to")
    .addOption(fileOption())
    .addOption(destinationOption())
    .action(async (file: string, options: FileOption & PassphraseOption & { withReferences?: true }) => {
      const [{ backUp }, { newPassphrase }, { backupText, gapsText }] = await Promise.all([
        import("../../app/signer/backup.ts"),
        import("../passphrase.ts"),
        import("../show-backup.ts"),
      ])
      const source = sourceOf(cli, options)
      const ports = await cli.local()
      const backups = await cli.backups()
      const request = { source, file, withReferences: options.withReferences ?? false, time: cli.now() }
      const passphrase = () => newPassphrase({ io, files: ports.files, file: options.passphraseFile })
      const manifest = await cli.withDeployment(source, (deployment) => backUp(deployment, backups, request, passphrase))
      io.err(gapsText(manifest))
      io.out(backupText(file, manifest))
    })

  signer
    .command("restore")
    .description("put a backup's files back; never a signer's state")
    .argument("<file>", "what `signer backup` wrote")
    .option("--list", "check all of it and show what is in it; writes nothing")
    .option("--to <directory>", "where the topology file goes (default: here)")
    .addOption(passphraseOption())
    .addOption(jsonOption("backup", "restore"))
    .action(async (file: string, options: PassphraseOption & JsonOption & { list?: true; to?: string }) => {
      const [{ listBackup, restore }, { passphrase }, { listText, restoredText }] = await Promise.all([
        import("../../app/signer/restore.ts"),
        import("../passphrase.ts"),
        import("../show-backup.ts"),
      ])
      const ports = await cli.local()
      const backups = await cli.backups()
      const secret = await passphrase({ io, files: ports.files, file: options.passphraseFile })
      if (options.list) {
        const manifest = await listBackup(ports, backups, { file, passphrase: secret })
        io.out(options.json ? envelope("backup", cli.now(), EXIT.ok, manifest) : listText(manifest))
        return
      }
      const dir = options.to ?? "."
      const restored = await restore(ports, backups, { file, dir, passphrase: secret, time: cli.now() })
      io.out(options.json ? envelope("restore", cli.now(), EXIT.ok, restored) : restoredText(dir, restored))
    })
}
