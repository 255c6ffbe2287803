import { Ajv2020 } from "ajv/dist/2020.js"
import { describe, expect, it } from "vitest"
import { answerSchemaTexts } from "../../../../dev/answer-schemas.ts"
import type { Cli } from "../../../../src/cli/cli.ts"
import { runCommand } from "../../../../src/cli/program.ts"
import { AppError } from "../../../../src/core/errors.ts"
import type { HostAccess } from "../../../../src/core/ports.ts"
import { aged, aTopology, type Change, changed, container, healthy, host, hostAway, signer } from "../../../support/observed.ts"
import { readableHosts } from "../../../support/older-world.ts"
import { aDeployment, type PaperDeployment } from "../../../support/paper-deployment.ts"
import { speakingHosts } from "../../../support/speaking-hosts.ts"
import { aTerminal } from "../../../support/terminal.ts"

const topology = aTopology()
const edited = host("sen-1", ({ files }) => ({ files: new Map([...files, ["RUNBOOK.md", "edited"]]) }))

type Typed = {
  readonly local?: PaperDeployment["local"]
  readonly interactive?: boolean
  readonly answer?: string
  readonly version?: string
}

async function typed(argv: readonly string[], changes: readonly Change[], options: Typed = {}) {
  const terminal = aTerminal({ interactive: options.interactive ?? false, answer: options.answer ?? "" })
  const pushed: string[] = []
  const readable = readableHosts(
    speakingHosts(topology, changed(healthy(topology), ...changes), () => paper.clock),
    new Map(),
  )
  const hosts = Object.fromEntries(
    Object.entries(readable).map(([name, here]): [string, HostAccess] => [
      name,
      {
        ...here,
        push: async (path) => void pushed.push(path),
        hold: async () => ({ lost: new Promise<string>(() => {}), release: async () => {} }),
        run: async (args, given) => {
          if (args[3] === "next-host-epoch") return { code: 0, stdout: "1\n", stderr: "" }
          return args[3] === "audit" || args[3]?.endsWith("-generation") ? { code: 0, stdout: "", stderr: "" } : here.run(args, given)
        },
      },
    ]),
  )
  const paper: PaperDeployment = aDeployment(hosts, { topology })
  const deployment = options.local === undefined ? paper : { ...paper, local: options.local }
  const nothing = () => Promise.reject(new Error("plan and apply do not ask for this"))
  const cli: Cli = {
    version: options.version ?? "1.2.3",
    io: terminal.io,
    env: { file: undefined, destination: undefined, yes: false },
    now: () => "2026-11-23T12:00:00.000Z",
    local: nothing,
    backups: nothing,
    withDeployment: (_source, work) => work(deployment),
  }
  const outcome = await runCommand(cli, argv).then(
    (exit) => ({ exit, error: undefined }),
    (error: unknown) => {
      if (!(error instanceof AppError)) throw error
      return { exit: error.exit, error }
    },
  )
  return { ...outcome, ...terminal.said, questions: terminal.questions, pushed, local: deployment.local }
}

describe("gonka-ha plan", () => {
  it("ends with 0 where nothing is to be done, and with 2 where something is", async () => {
    expect(await typed(["plan"], [])).toMatchObject({ exit: 0, out: "nothing to do: every host matches its files\n", err: "" })
    const changes = await typed(["plan"], [edited])
    expect([changes.exit, changes.err, changes.pushed]).toEqual([2, "", []])
    expect(changes.out).toContain("1 to change on 1 host, 0 restarts, 0 held back\n")
  })

  it("ends with 2 where something is only held back", async () => {
    const alone = aged("node-2", 600_000)
    expect(await typed(["plan"], [container("val-1", "node-1", { digest: "old" }), alone])).toMatchObject({
      exit: 2,
      out: expect.stringContaining("0 to change on 0 hosts, 0 restarts, 1 held back"),
    })
  })

  it("ends with 6 when it is refused and with 9 when a host is away, and prints no plan", async () => {
    expect(await typed(["plan"], [signer({ aim: "sentry-1" })])).toMatchObject({ exit: 6, out: "" })
    expect(await typed(["plan"], [hostAway("sen-2")])).toMatchObject({ exit: 9, out: "" })
  })

  it("answers in JSON of its schema, in the envelope of every command", async () => {
    const { out, exit } = await typed(["plan", "--json"], [edited, container("val-1", "node-1", { digest: "old" })])
    const answer: unknown = JSON.parse(out)
    expect(answer).toMatchObject({ schema: "gonka-ha/plan/v1", time: "2026-11-23T12:00:00.000Z", exitCode: 2 })
    expect(answer).toMatchObject({ data: { summary: { changes: 1, hosts: 1, restarts: 1, moves: 1, heldBack: 0 } } })
    expect(exit).toBe(2)
    const accepts = new Ajv2020({ allErrors: true }).compile(JSON.parse(answerSchemaTexts().get("plan.schema.json") ?? ""))
    expect([accepts(answer), accepts.errors]).toEqual([true, null])
    expect(accepts({ ...Object(answer), data: {} })).toBe(false)
  })

  it("keeps the plan, and says how to do it", async () => {
    const { out, local } = await typed(["plan", "--out", "p.json"], [edited])
    expect(out).toMatch(/\nsaved; do it with: gonka-ha apply p\.json\n$/)
    expect(JSON.parse(local.texts.get("p.json") ?? "")).toMatchObject({ schema: "gonka-ha/saved-plan/v1", version: "1.2.3" })
    const json = await typed(["plan", "--out", "p.json", "--json"], [edited])
    expect(JSON.parse(json.out)).toMatchObject({ exitCode: 2 })
  })
})

describe("gonka-ha apply", () => {
  const planned = async () => (await typed(["plan", "--out", "p.json"], [edited])).local

  it("shows the plan on stderr, asks, and does it", async () => {
    const local = await planned()
    const done = await typed(["apply", "p.json"], [edited], { local, interactive: true, answer: "yes" })
    expect(done).toMatchObject({
      exit: 0,
      out: "apply: done, 1 steps\n",
      questions: ["Type yes to go on: "],
      pushed: [`${topology.dir}/RUNBOOK.md`],
    })
    expect(done.err).toContain("sen-1\n   1  install 1 file\n")
  })

  it("asks nothing with --yes; without it and without a terminal it names the option", async () => {
    const local = await planned()
    expect(await typed(["apply", "p.json"], [edited], { local })).toMatchObject({
      exit: 64,
      pushed: [],
      error: { hint: expect.stringContaining("--yes") },
    })
    expect(await typed(["apply", "p.json"], [edited], { local, interactive: true, answer: "no" })).toMatchObject({ exit: 10, pushed: [] })
    expect(await typed(["apply", "p.json", "--yes"], [edited], { local })).toMatchObject({ exit: 0, questions: [] })
  })

  it("is refused with 6 when the world has moved, or this is another version", async () => {
    const local = await planned()
    const moved = await typed(["apply", "p.json", "--yes"], [edited, container("sen-2", "sentry-2", "gone")], { local })
    expect(moved).toMatchObject({
      exit: 6,
      out: "",
      pushed: [],
      error: { issues: [{ path: "sen-2", message: "container lab-sentry-2 is gone" }] },
    })
    expect(await typed(["apply", "p.json", "--yes"], [edited], { local, version: "2.0.0" })).toMatchObject({ exit: 6 })
  })

  it("says when there is nothing to do, and ends with 2 when something is held back", async () => {
    const outdated = container("val-1", "node-1", { digest: "old" })
    const alone = aged("node-2", 600_000)
    const { local } = await typed(["plan", "--out", "p.json"], [outdated, alone])
    expect(await typed(["apply", "p.json", "--yes"], [outdated, alone], { local })).toMatchObject({
      exit: 2,
      out: expect.stringContaining("nothing to do now"),
    })
    const nothing = await typed(["plan", "--out", "p.json"], [])
    expect(await typed(["apply", "p.json"], [], { local: nothing.local })).toMatchObject({
      exit: 0,
      out: expect.stringContaining("nothing to do"),
    })
  })

  it("wants a file", async () => {
    expect(await typed(["apply"], [])).toMatchObject({ exit: 64, err: expect.stringContaining("missing required argument 'plan'") })
  })
})
