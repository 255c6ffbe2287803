import type { RunResult } from "../../../src/core/ports.ts"
import type { Topology } from "../../../src/core/topology.ts"
import { guard } from "./guard.ts"
import type { Host } from "./host.ts"
import { digestOf, probeText } from "./probe-text.ts"

export type Bench = {
  readonly topology: Topology
  addressOf(node: string): string
  wallMs(): number
  /** Told before a node's port changes hands. */
  portGiven(dir: string, owner: string): void
}

/** A command's result, at once or when the program on the host has ended; and how long it takes on the way. */
export type Ran = { readonly result: RunResult | Promise<RunResult>; readonly tookMs: number }

const ok = (stdout = ""): RunResult => ({ code: 0, stdout, stderr: "" })
const failed = (stderr: string, code = 1): RunResult => ({ code, stdout: "", stderr })

const OVERTAKEN = failed("another operation has begun since", 8)

/** What the programs do that gonka-ha sends to a host: each is known by its name, and written after its shell text in `src/`. */
export function runOn(bench: Bench, host: Host, argv: readonly string[], stdin: string): Ran {
  const quick = (result: RunResult): Ran => ({ result, tookMs: 5 })
  if (argv[0] === "cat") {
    const text = host.disk.read(argv[1] ?? "")
    return quick(text === undefined ? failed(`cat: ${argv[1]}: No such file or directory`) : ok(text))
  }
  if (argv[0] === "docker") return docker(bench, host, argv)
  if (argv[0] === "sh" && argv[1] === "-s") {
    return { result: ok(probeText(host, bench.topology, (node) => bench.addressOf(node), bench.wallMs())), tookMs: 25 }
  }
  if (argv[0] !== "sh" || argv[1] !== "-c") throw new Error(`the fake host does not know the command ${argv.join(" ")}`)
  const [name = "", ...args] = argv.slice(3)
  if (name === "move-signer") return moveSigner(host, args)
  const program = PROGRAMS[name]
  if (!program) throw new Error(`the fake host does not know the program ${name}`)
  return quick(program(host, args, stdin, Math.floor(bench.wallMs() / 1000), bench))
}

type Program = (host: Host, args: readonly string[], stdin: string, seconds: number, bench: Bench) => RunResult

const epochOf = (host: Host, dir: string) => host.disk.word(`${dir}/epoch`) ?? "0"

const PROGRAMS: Readonly<Record<string, Program>> = {
  write: (host, [dir = "", epoch, fact = "", value = ""]) => {
    if (epochOf(host, dir) !== epoch) return OVERTAKEN
    host.disk.write(`${dir}/${fact}`, `${value}\n`)
    return ok()
  },
  "raise-floor": (host, [dir = "", epoch, height = "", marks = ""]) => {
    if (epochOf(host, dir) !== epoch) return OVERTAKEN
    const places = [`${dir}/floor`, `${marks}/floor`]
    if (places.some((place) => Number(host.disk.word(place) ?? 0) > Number(height))) return failed("a floor is only ever raised")
    for (const place of places) host.disk.write(place, `${height}\n`)
    return ok()
  },
  "lock-holder": (host, [lock = "", control = ""]) => {
    if (host.locks.isHeld(`${lock}/lock`)) return { code: 75, stdout: host.disk.read(`${lock}/owner`) ?? "", stderr: "" }
    if (host.locks.isHeld(`${control}/move.lock`)) return { code: 75, stdout: "a move that ends by itself within seconds", stderr: "" }
    return ok()
  },
  "write-tip": (host, [dir = "", height = ""], _, seconds) => {
    host.disk.write(`${dir}/tip`, `${height} ${seconds}\n`)
    return ok()
  },
  clear: (host, [dir = "", epoch, fact = ""]) => {
    if (epochOf(host, dir) !== epoch) return OVERTAKEN
    host.disk.remove(`${dir}/${fact}`)
    return ok()
  },
  "next-epoch": (host, [dir = ""]) => {
    const epoch = String(Number(epochOf(host, dir)) + 1)
    host.disk.write(`${dir}/epoch`, `${epoch}\n`)
    return ok(`${epoch}\n`)
  },
  // What is kept for a rollback has no part in who signs.
  "begin-generation": () => ok(),
  "end-generation": () => ok(),
  "next-host-epoch": (host, [dir = ""]) => {
    const epoch = String(Number(epochOf(host, dir)) + 1)
    host.disk.write(`${dir}/epoch`, `${epoch}\n`)
    return ok(`${epoch}\n`)
  },
  seal: (host, [stateFile = "", dir = "", epoch, height = "", sha256], stdin) => {
    if (digestOf(stdin) !== sha256) return failed("checksum differs")
    if (epochOf(host, dir) !== epoch) return OVERTAKEN
    if (host.disk.has(`${dir}/aim`)) return failed("the signer was aimed meanwhile")
    const present = host.disk.read(stateFile)
    const old = present === undefined ? "0" : /^\{"height":"(\d+)","round":"0","step":0,"block_id":null\}$/.exec(present)?.[1]
    if (old === undefined || Number(old) > Number(height)) return failed("another state stands there")
    host.disk.write(stateFile, stdin)
    return ok()
  },
  give: (host, [dir = "", owner = ""], _stdin, _seconds, bench) => {
    bench.portGiven(dir, owner)
    host.disk.write(`${dir}/owner`, `${owner}\n`)
    return ok()
  },
  audit: (host, [path = "", line = ""]) => {
    host.disk.append(path, `${line}\n`)
    return ok()
  },
  "journal-append": (host, [path = ""], stdin) => {
    host.disk.append(path, stdin)
    return ok()
  },
  "read-receipts": (host, [receipts = "", journals = ""]) => {
    const rows = host.disk
      .below(`${receipts}/`)
      .map(([path, text]) => `receipt ${Buffer.from(text).toString("base64")} ${path.slice(receipts.length + 1)}`)
    for (const [path, text] of host.disk.below(`${journals}/`)) {
      const operation = path.slice(journals.length + 1).replace(/\.jsonl$/, "")
      for (const line of text.split("\n")) if (line.includes('"at":"receipt"')) rows.push(`journal ${operation} ${line}`)
    }
    return ok(`${[...rows, "end"].join("\n")}\n`)
  },
}

/** The launcher waits for the script that it has started; the script itself needs nobody. */
function moveSigner(host: Host, [control = "", ...args]: readonly string[]): Ran {
  let end: (result: RunResult) => void = () => {}
  const result = new Promise<RunResult>((resolve) => {
    end = resolve
  })
  if (!host.section(args, () => end(ok(host.disk.read(`${control}/move`) ?? ""))))
    return { result: failed("move-signer: another move is at work"), tookMs: 40 }
  return { result, tookMs: 10 }
}

function docker(bench: Bench, host: Host, argv: readonly string[]): Ran {
  if (argv[1] === "exec") {
    const container = host.engine.containers.get(argv[2] ?? "")
    if (container?.status !== "running") return { result: failed(`container ${argv[2]} is not running`), tookMs: 60 }
    const validator = bench.topology.validators.find(({ name }) => container.definition.service === `${name}-signer`)
    if (!validator) throw new Error(`there is no guard in ${argv[2]}`)
    const says = guard(host.disk, host.signerFiles(validator), bench.wallMs(), () => true)
    return {
      result:
        "refusal" in says ? failed(`guard: the signer does not start: ${says.refusal}\n`) : ok(`guard: ok, state at height ${says.height}`),
      tookMs: 150,
    }
  }
  if (argv[1] === "compose") {
    const service = argv.at(-1) ?? ""
    if (argv[4] === "config") return { result: ok(), tookMs: 60 }
    const done = argv[4] === "up" ? host.engine.up(service) : argv[4] === "create" ? host.engine.recreate(service) : undefined
    if (done === undefined) throw new Error(`the fake host does not know docker compose ${argv[4]}`)
    return { result: done ? ok() : failed(`no such service: ${service}`), tookMs: 450 }
  }
  // Every image is there.
  if (argv[1] === "image") return { result: ok(), tookMs: 40 }
  throw new Error(`the fake host does not know docker ${argv[1]}`)
}
