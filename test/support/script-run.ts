import { execFileSync } from "node:child_process"
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { execa } from "execa"
import { TEMPLATES_DIR } from "./package-paths.ts"
import { temporaryDir } from "./temporary-dir.ts"

const TOOLS = "base64 cat chmod cp curl cut date flock head jq mkdir mv openssl rm sed sha256sum sleep sort sync tail tr wc".split(" ")

type Script = "guard.sh" | "node-health.sh" | "park.sh" | "signer-health.sh" | "start-node.sh"

/** Paths of the programs that the scripts call; a machine without one of them cannot test them. */
const toolPaths = new Map(
  TOOLS.map((tool) => {
    try {
      return [tool, execFileSync("sh", ["-c", `command -v ${tool}`], { encoding: "utf8" }).trim()]
    } catch {
      throw new Error(`these tests run the real scripts and need ${tool}: install it (packages: coreutils curl jq openssl sed util-linux)`)
    }
  }),
)

/** A container's file system in a temporary directory, with stand-ins for the programs that a script would start. */
export class ScriptRun {
  readonly root = temporaryDir()
  readonly #bin = temporaryDir()
  readonly #script: string

  constructor(script: Script) {
    this.#script = join(TEMPLATES_DIR, script)
    mkdirSync(this.path("tmp"))
    for (const [tool, path] of toolPaths) symlinkSync(path, join(this.#bin, tool))
  }

  path(...parts: readonly string[]): string {
    return join(this.root, ...parts)
  }

  write(path: string, content: string): void {
    mkdirSync(dirname(this.path(path)), { recursive: true })
    writeFileSync(this.path(path), content)
  }

  /** Puts a program on the script's PATH, in place of a real one of that name. */
  program(name: string, body: string): void {
    this.withoutProgram(name)
    writeFileSync(join(this.#bin, name), `#!/bin/sh\n${body}\n`)
    chmodSync(join(this.#bin, name), 0o755)
  }

  withoutProgram(name: string): void {
    execFileSync("rm", ["-f", join(this.#bin, name)])
  }

  start(...args: readonly string[]) {
    return execa("/bin/sh", [this.#script, ...args], {
      env: { PATH: this.#bin, GONKA_HA_ROOT: this.root, TMPDIR: this.path("tmp") },
      extendEnv: false,
      reject: false,
      stdin: "ignore",
    })
  }

  async run(...args: readonly string[]): Promise<{ code: number | undefined; stdout: string; stderr: string }> {
    const { exitCode: code, stdout, stderr } = await this.start(...args)
    return { code, stdout: stdout.replaceAll(this.root, "ROOT"), stderr: stderr.replaceAll(this.root, "ROOT") }
  }
}
