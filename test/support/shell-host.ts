import { execa } from "execa"
import type { RunResult } from "../../src/core/ports.ts"
import { MARKS_DIR } from "../../src/core/render/layout.ts"

/** Runs what is meant for a host on this machine; what lies outside of every deployment there lies in `marks` here. */
export function shellRun(marks: string) {
  return async (argv: readonly string[], options: { readonly stdin?: string } = {}): Promise<RunResult> => {
    const [program = "", ...args] = argv.map((arg) => (arg.startsWith(`${MARKS_DIR}/`) ? `${marks}${arg.slice(MARKS_DIR.length)}` : arg))
    const { exitCode, stdout, stderr } = await execa(program, args, {
      reject: false,
      stripFinalNewline: false,
      ...(options.stdin === undefined ? { stdin: "ignore" as const } : { input: options.stdin }),
    })
    return { code: exitCode ?? 1, stdout, stderr }
  }
}
