import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { pushFiles } from "../../src/app/steps/install.ts"
import type { HostAccess, RunResult } from "../../src/core/ports.ts"
import { layout } from "../../src/core/render/layout.ts"
import type { Topology } from "../../src/core/topology.ts"
import { LocalConnection } from "../../src/edge/local-connection.ts"
import { filesOf } from "./observed.ts"
import { aDeployment, aHost, aRun, type PaperDeployment } from "./paper-deployment.ts"
import { temporaryDir } from "./temporary-dir.ts"

const ON_FILES = ["begin-generation", "end-generation", "list-generations", "read-installed"]
const ok: RunResult = { code: 0, stdout: "", stderr: "" }

/** Hosts whose files are real, in directories of this machine; what else they are asked, others answer. */
export class GenerationHosts {
  readonly did: string[] = []
  /** Called before each file is written; may throw, as a connection that breaks. */
  onPush: (path: string) => void = () => {}
  readonly #root = temporaryDir()
  readonly #topology: Topology

  constructor(topology: Topology) {
    this.#topology = topology
  }

  path(host: string, file: string): string {
    return join(this.#root, host, file)
  }

  read(host: string, file: string): string {
    return readFileSync(this.path(host, file), "utf8")
  }

  write(host: string, file: string, content: string): void {
    const path = this.path(host, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }

  remove(host: string, file: string): void {
    rmSync(this.path(host, file), { recursive: true, force: true })
  }

  /** What is in the directory of generations, sorted. */
  kept(host: string): readonly string[] {
    const dir = this.path(host, layout.previous)
    return existsSync(dir) ? readdirSync(dir).sort() : []
  }

  access(others: Readonly<Record<string, HostAccess>> = {}): Readonly<Record<string, HostAccess>> {
    return Object.fromEntries(this.#topology.hosts.map(({ name }) => [name, this.#host(name, others[name] ?? aHost({}))]))
  }

  /** Installs every file of a topology that differs on these hosts, as `up` does. */
  async install(
    topology: Topology,
    operation: string,
    hosts: readonly string[] = topology.hosts.map(({ name }) => name),
  ): Promise<PaperDeployment> {
    const deployment = aDeployment(this.access(), { topology })
    deployment.clock.advance(secondsOf(operation))
    await Promise.all(
      hosts.map(async (host) => {
        const all = filesOf(topology).get(host)?.files ?? []
        const isThere = ({ path, content }: { path: string; content: string }) =>
          existsSync(this.path(host, path)) && this.read(host, path) === content
        const paths = all.filter((file) => !isThere(file)).map(({ path }) => path)
        if (paths.length === 0) return
        await pushFiles({ kind: "files.push", args: { host, paths }, cause: "a test" }, aRun(deployment, { operation }))
      }),
    )
    return deployment
  }

  #host(name: string, other: HostAccess): HostAccess {
    const connection = new LocalConnection(name)
    const { dir } = this.#topology
    return {
      ...other,
      run: async (argv, options) => {
        if (ON_FILES.includes(argv[3] ?? "")) {
          const here = argv.map((arg) => arg.replace(dir, join(this.#root, name)))
          return connection.run(here, options)
        }
        if (argv[0] === "sh" && argv[1] === "-s") return other.run(argv, options)
        if (argv[3] === "next-host-epoch") return { code: 0, stdout: "1\n", stderr: "" }
        this.did.push(`${name}: ${argv.join(" ")}`)
        return ok
      },
      push: async (path, content) => {
        const file = path.slice(dir.length + 1)
        this.onPush(`${name}/${file}`)
        this.write(name, file, typeof content === "string" ? content : "a secret")
      },
      inspect: async () => undefined,
      hold: async () => ({ lost: new Promise<string>(() => {}), release: async () => {} }),
    }
  }
}

/** The time of day of an operation, counted from noon, at which paper clocks begin. */
function secondsOf(operation: string): number {
  const [, hours = "0", minutes = "0", seconds = "0"] = /-(\d\d)(\d\d)(\d\d)-/.exec(operation) ?? []
  return ((Number(hours) - 12) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000
}
