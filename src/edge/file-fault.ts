import { AppError, type ErrorCode, EXIT } from "../core/errors.ts"

/** Does a piece of writing, and says what went wrong in words. @throws AppError FILE_EXISTS, FILE_UNWRITABLE */
export async function writing(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write()
  } catch (cause) {
    if (codeOf(cause) === "EEXIST") {
      throw new AppError("FILE_EXISTS", EXIT.refused, `${path} exists already`, { hint: "gonka-ha does not overwrite it", cause })
    }
    throw codeOf(cause) === "" ? cause : fault("FILE_UNWRITABLE", "write", path, cause)
  }
}

/** What the operating system's word means for this file. */
const MEANING: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a directory",
  ENOTDIR: "a part of the path is a file, not a directory",
  EACCES: "you have no permission",
  EPERM: "you have no permission",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
}

export function fault(code: ErrorCode, action: string, path: string, cause: unknown): AppError {
  const word = codeOf(cause)
  // A file that is about to be written is missing rightly; what is not there is its directory.
  const meaning = code === "FILE_UNWRITABLE" && word === "ENOENT" ? "there is no such directory" : MEANING[word]
  return new AppError(code, EXIT.usage, `cannot ${action} ${path}: ${meaning ?? (word || String(cause))}`, { cause })
}

/** The operating system's word for an error; empty when it is none of its errors. */
export function codeOf(error: unknown): string {
  // Ours have a code too.
  return error instanceof Error && !(error instanceof AppError) && "code" in error && typeof error.code === "string" ? error.code : ""
}
