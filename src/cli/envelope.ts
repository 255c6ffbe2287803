import type { ExitCode } from "../core/errors.ts"
import { harmlessJson } from "../core/printable.ts"

/** The one form of every `--json` answer. */
export function envelope(schema: string, time: string, exitCode: ExitCode, data: unknown): string {
  return `${harmlessJson(JSON.stringify(enveloped(schema, time, exitCode, data), null, 2))}\n`
}

/** The same on one line, for answers that come after other lines, or one after the other. */
export function envelopeLine(schema: string, time: string, exitCode: ExitCode, data: unknown): string {
  return `${harmlessJson(JSON.stringify(enveloped(schema, time, exitCode, data)))}\n`
}

function enveloped(schema: string, time: string, exitCode: ExitCode, data: unknown) {
  return { schema: `gonka-ha/${schema}/v1`, time, exitCode, data }
}
