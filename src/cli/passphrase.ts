import { AppError, EXIT } from "../core/errors.ts"
import type { LocalFiles } from "../core/ports.ts"
import { Secret } from "../core/secret.ts"
import type { Io } from "./io.ts"

/** Whoever has the file can try as often as he likes. */
const MIN_CHARACTERS = 12

type Sources = { readonly io: Io; readonly files: LocalFiles; readonly file: string | undefined }

/** A passphrase to encrypt with, typed twice where it is typed. @throws AppError USAGE when it will not do, CANCELLED */
export async function newPassphrase({ io, files, file }: Sources): Promise<Secret> {
  const first = await passphrase({ io, files, file })
  const count = [...first.expose()].length
  if (count < MIN_CHARACTERS)
    throw new AppError("USAGE", EXIT.usage, `the passphrase has ${count} characters; it takes at least ${MIN_CHARACTERS}`, {
      hint: "six words picked at random are easy to keep and hard to guess",
    })
  if (file === undefined && io.interactive && (await io.askHidden("Once more")) !== first.expose())
    throw new AppError("USAGE", EXIT.usage, "the two passphrases differ; nothing was written")
  return first
}

/** The passphrase of a file: from another file, typed, or piped in, and never from an argument, which every user of the machine could read. */
export async function passphrase({ io, files, file }: Sources): Promise<Secret> {
  if (file !== undefined) return oneLine(await files.readText(file), `the file ${file}`)
  if (io.interactive) return oneLine(await io.askHidden("Passphrase of the backup"), "what was typed")
  const piped = await io.readInput()
  if (piped === undefined) throw new AppError("USAGE", EXIT.usage, "no passphrase, and no terminal to ask on", { hint: HOW })
  return oneLine(piped, "standard input")
}

const HOW = "name a file with --passphrase-file, or pipe the passphrase in"

/** age's own program asks for one line, so that is all that a passphrase can be. */
function oneLine(text: string, where: string): Secret {
  const line = text.replace(/\r?\n$/, "")
  if (line === "") throw new AppError("USAGE", EXIT.usage, `there is no passphrase: ${where} is empty`, { hint: HOW })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what nobody can type at a prompt is what is looked for
  if (/[\0-\x1f\x7f]/.test(line))
    throw new AppError("USAGE", EXIT.usage, `a passphrase is one line of what can be typed, and ${where} is not`, { hint: HOW })
  return new Secret(line)
}
