import { constants } from "node:os"
import { execa } from "execa"

/**
 * Runs a program on this terminal: keys go to it, and what it prints is shown as it is.
 * @returns its exit code, as a shell tells it where a signal ended it; undefined when it could not be started
 */
export async function attached(program: string, argv: readonly string[]): Promise<number | undefined> {
  const { exitCode, signal } = await execa(program, argv, { reject: false, stdio: "inherit" })
  return exitCode ?? (signal === undefined ? undefined : 128 + constants.signals[signal])
}
