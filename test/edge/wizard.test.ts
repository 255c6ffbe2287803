import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it, onTestFinished } from "vitest"
import { parse } from "yaml"
import { localFiles } from "../../src/edge/local-files.ts"
import { PseudoTerminal } from "../support/pseudo-terminal.ts"
import { temporaryDir } from "../support/temporary-dir.ts"

const ENTER = "\r"
const UP = "\x1b[A"
const CONTROL_C = "\x03"

function init(...options: readonly string[]) {
  const dir = temporaryDir()
  const child = join(import.meta.dirname, "../support/command-line.ts")
  const terminal = new PseudoTerminal([process.execPath, "--import", import.meta.resolve("tsx"), child, "init", ...options].join(" "), {
    cwd: dir,
  })
  onTestFinished(() => terminal.close())
  return { terminal, dir }
}

/** Reads each question and types what is given for it. */
async function converse(terminal: PseudoTerminal, talk: readonly (readonly [question: string, keys: string])[]): Promise<void> {
  for (const [question, keys] of talk) {
    await terminal.reads(question)
    terminal.types(keys)
  }
}

it("makes a deployment with a person at a real terminal, who is corrected at once", async () => {
  const { terminal, dir } = init("--name", "lab")
  await converse(terminal, [
    ["Which network?", UP + ENTER],
    ["Which shape?", ENTER],
    ["a consensus key", ENTER],
    ["Chain id", `lab-1${ENTER}`],
    ["Where the genesis file comes from", `http://10.1.0.1:26657${ENTER}`],
    ["needs two sources: they must agree", `, http://10.1.0.2:26657${ENTER}`],
    ["Nodes of the network that the sentries dial", ENTER],
    ["Image of the chain node", `example/node:1${ENTER}`],
    ["Image of the signer", ENTER],
    ...["sen-1 (sentry-1)", "sen-2 (sentry-2)", "val-1 (node-1)", "val-2 (node-2)", "sig-1 (signer of main)"].flatMap((host, index) => [
      [`${host}: how SSH reaches it`, `host-${index}${ENTER}`] as const,
      [`${host}: private address`, `10.0.0.${index + 1}${ENTER}`] as const,
    ]),
    ["Write it?", ENTER],
  ])
  const { exit, screen } = await terminal.ends()
  expect([exit, screen.includes("deployment lab")]).toEqual([0, true])
  expect(parse(readFileSync(join(dir, "gonka-ha.yaml"), "utf8"))).toMatchObject({
    name: "lab",
    profile: "devnet",
    chain: { id: "lab-1", genesis: { rpc: ["http://10.1.0.1:26657", "http://10.1.0.2:26657"] } },
    images: { node: "example/node:1", tmkms: "CHANGE-ME" },
    hosts: { "sen-1": { ssh: "host-0", private: "10.0.0.1" }, "sig-1": { ssh: "host-4", private: "10.0.0.5" } },
  })
})

it.each(["Which network?", "Name of the deployment", "sen-1 (sentry-1): private address", "Write it?"])(
  "ends with exit code 10 and leaves nothing behind when Ctrl-C is pressed at %s",
  async (last) => {
    const { terminal, dir } = init("--set", "hosts.sen-2=null", "--set", "sentries.sentry-2=null")
    const questions = [
      "Which network?",
      "Which shape?",
      "Name of the deployment",
      "a consensus key",
      "Image of the chain node",
      "Image of the signer",
    ]
    const hosts = ["sen-1 (sentry-1): how SSH", "sen-1 (sentry-1): private address", "sen-1 (sentry-1): public", "val-1 (node-1): how SSH"]
    const others = ["val-1 (node-1): private", "val-2 (node-2): how SSH", "val-2 (node-2): private", "sig-1 (signer of main): how SSH"]
    const all = [...questions, ...hosts, ...others, "sig-1 (signer of main): private", "Write it?"]
    await converse(
      terminal,
      all.slice(0, all.indexOf(last)).map((question) => [question, ENTER] as const),
    )
    await converse(terminal, [[last, CONTROL_C]])
    const { exit, screen } = await terminal.ends()
    expect([exit, screen]).toEqual([10, expect.stringContaining("error[CANCELLED]: cancelled, nothing was written")])
    expect(await localFiles.list(dir)).toEqual([])
  },
)
