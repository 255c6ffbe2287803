import { describe, expect, it } from "vitest"
import { commandsOf, commandTree } from "../../../../dev/docs/command-tree.ts"
import { candidateLines } from "../../../../src/cli/completion/candidate-lines.ts"
import { wantedBy } from "../../../../src/cli/completion/wanted.ts"

const NAMES = {
  nodes: ["node-1", "node-2", "sentry-1"],
  candidates: ["node-1", "node-2"],
  hosts: ["sen-1", "sig-1", "val-1"],
  services: ["node-1", "node-2", "sentry-1", "manager-balancer"],
  validators: ["main", "spare"],
}

const program = commandTree()

/** What is offered for a line that ends where a word is being typed. */
function offered(line: string): readonly string[] {
  return candidateLines(wantedBy(program, line.split(" ")), NAMES).map((text) => text.split("\t")[0] ?? "")
}

describe("what is offered after", () => {
  it.each([
    { line: "prom", words: ["promote"] },
    { line: "re", words: ["render", "restart", "resync"] },
    { line: "signer st", words: ["status", "state"] },
    { line: "signer state ", words: ["show", "export", "import", "seal"] },
    { line: "keys ", words: ["show", "generate", "import"] },
    { line: "completion ", words: ["bash", "zsh", "fish"] },
    { line: "restart ", words: NAMES.services },
    { line: "resync node-2 --from ", words: NAMES.nodes },
    { line: "explain s", words: ["sentry-1"] },
    { line: "promote ", words: NAMES.candidates },
    { line: "failover --dry-run ", words: NAMES.candidates },
    { line: "promote --val", words: ["--validator"] },
    { line: "promote --validator ", words: NAMES.validators },
    { line: "promote --validator=s", words: ["--validator=spare"] },
    { line: "promote --validator main node-", words: NAMES.candidates },
    { line: "logs node-1 ", words: ["node-2", "sentry-1", "manager-balancer"] },
    { line: "logs --signer m", words: ["main"] },
    { line: "logs --parking ", words: NAMES.nodes },
    { line: "ssh s", words: ["sen-1", "sig-1"] },
    { line: "check-image --host ", words: NAMES.hosts },
    { line: "exec node-1 -- l", words: [] },
    { line: "restart node-1 ", words: [] },
    { line: "status ", words: [] },
    { line: "ps --", words: ["--file", "--destination", "--json", "--help"] },
    { line: "ps --json --", words: ["--file", "--destination", "--help"] },
    { line: "logs --signer main --s", words: ["--signer", "--since"] },
    { line: "status -f ", words: [":files"] },
    { line: "status --file=top", words: [":files"] },
    { line: "apply ", words: [":files"] },
    { line: "graph --format ", words: ["mermaid", "dot", "svg"] },
    { line: "frobnicate ", words: [] },
    { line: "keys frobnicate ", words: [] },
  ])("$line", ({ line, words }) => {
    expect(offered(line)).toEqual(words)
  })

  it("nothing: every command", () => {
    const commands = new Set(commandsOf(program).map(({ words }) => words.split(" ")[0]))
    expect(new Set(offered(""))).toEqual(commands)
  })

  it("a dash: every option that help lists, of every command", () => {
    for (const { words, command } of commandsOf(program)) {
      const options = command.options.filter(({ hidden }) => !hidden).map(({ long }) => long)
      expect(offered(`${words} --`)).toEqual([...options, "--help"])
    }
  })
})

it("tells which topology file the line means", () => {
  const { file, destination } = wantedBy(program, ["promote", "-f", "other.yaml", "--destination=testnet", ""])
  expect([file, destination]).toEqual(["other.yaml", "testnet"])
  // Where -f means something else, it is no file.
  expect(wantedBy(program, ["logs", "-f", "node-1", "--file", "this.yaml", ""]).file).toBe("this.yaml")
})

it("offers no names where there are none, and describes commands on one line each", () => {
  expect(candidateLines(wantedBy(program, ["promote", ""]), undefined)).toEqual([])
  for (const line of candidateLines(wantedBy(program, [""]), undefined)) expect(line).toMatch(/^[a-z-]+\t[^\t\n]+$/)
})
