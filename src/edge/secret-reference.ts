import { AppError, EXIT } from "../core/errors.ts"
import { pathFrom } from "../core/local-path.ts"
import type { LocalFiles } from "../core/ports.ts"
import { Secret } from "../core/secret.ts"
import { type SecretRef, secretRefText } from "../core/secret-ref.ts"

/** A password manager may ask its user for a touch or a password. */
const COMMAND_TIMEOUT_MS = 120_000

export type ReferenceReader = (ref: SecretRef) => Promise<Secret>

/** Reads what references lead to. @throws AppError KEY_MISSING, FILE_UNREADABLE; never with a part of the secret */
export function referenceReader(files: LocalFiles, specDir: string, home: string | undefined): ReferenceReader {
  const read = async (ref: SecretRef) => {
    const text = await textOf(ref, files, specDir, home)
    if (text.trim() === "") throw missing(ref, "it is empty")
    return new Secret(text.replace(/\r?\n$/, ""))
  }
  // It is read before anything is changed and again when it is needed, and a password manager asks a person each time.
  const known = new Map<string, Promise<Secret>>()
  return (ref) => {
    const key = JSON.stringify(ref)
    const secret = known.get(key) ?? read(ref)
    known.set(key, secret)
    return secret
  }
}

async function textOf(ref: SecretRef, files: LocalFiles, specDir: string, home: string | undefined): Promise<string> {
  switch (ref.kind) {
    case "file":
      return await files.readText(pathFrom(specDir, ref.path, home))
    case "env": {
      const value = process.env[ref.name]
      if (value === undefined) throw missing(ref, "it is not set")
      return value
    }
    case "command": {
      // Most commands read no secret, and running programs is costly to load.
      const { execa } = await import("execa")
      const result = await execa("sh", ["-c", ref.command], {
        cwd: specDir,
        reject: false,
        stdin: "inherit",
        stderr: "inherit",
        timeout: COMMAND_TIMEOUT_MS,
      })
      if (result.failed)
        throw missing(ref, result.timedOut ? "it did not end within two minutes" : `it ended with ${result.exitCode ?? "a signal"}`)
      return result.stdout
    }
  }
}

function missing(ref: SecretRef, why: string): AppError {
  return new AppError("KEY_MISSING", EXIT.usage, `no secret from ${secretRefText(ref)}: ${why}`, { hint: "nothing was changed" })
}
