import { execa } from "execa"
import type { ExecResult } from "./exec-result.ts"

/** Runs a command inside a container of the outer engine. A code other than 0 is a result, not an exception. */
export async function execInContainer(
  container: string,
  argv: readonly string[],
  options: { readonly stdin?: string; readonly timeoutMs?: number } = {},
): Promise<ExecResult> {
  const interactive = options.stdin === undefined ? [] : ["-i"]
  const result = await execa("docker", ["exec", ...interactive, container, ...argv], {
    reject: false,
    ...(options.stdin === undefined ? { stdin: "ignore" as const } : { input: options.stdin }),
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
  })
  return { code: result.exitCode ?? 124, stdout: result.stdout, stderr: result.stderr }
}
