import type { Secret } from "../secret.ts"

/** One file of a backup, at a plain relative path. Most of them are secrets, so all are treated as such. */
export type BackupEntry = { readonly path: string; readonly content: Secret; readonly mode: number }

/** Encrypted archives on the operator's machine: age with a passphrase around a tar, so that they can be read without gonka-ha. */
export type BackupFiles = {
  /**
   * Writes the file whole or not at all, readable by its owner only, and reads it back with the passphrase before it gets its name.
   * @returns the SHA-256 of the file @throws AppError FILE_EXISTS, FILE_UNWRITABLE
   */
  write(path: string, entries: readonly BackupEntry[], passphrase: Secret): Promise<string>
  /** @throws AppError FILE_UNREADABLE when there is no such file; BACKUP_UNREADABLE for a wrong passphrase, or a file that was cut off or changed */
  read(path: string, passphrase: Secret): Promise<readonly BackupEntry[]>
}

/** Whether a path leads below the directory that it starts from, whatever is there. */
export function isPlainPath(path: string): boolean {
  return !/[\\\0]/.test(path) && path.split("/").every((part) => part !== "" && part !== "." && part !== "..")
}
