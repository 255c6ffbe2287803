import type { ExitCode } from "../core/errors.ts"

/** The one form of every `--json` answer. */
export function envelope(schema: string, time: string, exitCode: ExitCode, data: unknown): string {
  return `${JSON.stringify({ schema: `gonka-ha/${schema}/v1`, time, exitCode, data }, null, 2)}\n`
}
