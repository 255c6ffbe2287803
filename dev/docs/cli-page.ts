import type { Argument, Command, Option } from "commander"
import { EXIT } from "../../src/core/errors.ts"
import { commandsOf, commandTree } from "./command-tree.ts"
import { anchor, code, fenced, madeFrom, page, paragraph, plainText, table } from "./markdown.ts"
import { prose } from "./repository.ts"

const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: "Done, or nothing to do.",
  bug: "A mistake of gonka-ha's own; the message tells where.",
  changes: "Something would change or differs, or `up` held something back.",
  specInvalid: "The topology file has errors, or a profile or overlay does.",
  degraded: "It signs, but something needs care; with `validate --domains`, a single loss would stop signing for good.",
  critical: "A validator does not sign, or it is unclear who signs.",
  refused: "A safety gate refused, with all its reasons; nothing was changed.",
  halfWay: "Stopped half-way; the journal knows where, and `gonka-ha promote --resume` goes on.",
  lockHeld: "Another operation is under way on the signer's host.",
  unreachable: "A host does not answer.",
  cancelled: "A person said no; nothing was changed.",
  usage: "The command line is wrong.",
  interrupted: "Interrupted from the keyboard.",
}

const VARIABLES: readonly (readonly [string, string])[] = [
  ["GONKA_HA_FILE", "The topology file, where `-f` is not given."],
  ["GONKA_HA_DESTINATION", "The overlay, where `-d` is not given."],
  ["GONKA_HA_YES", "`1` is the same as `--yes`."],
  ["NO_COLOR", "When it is set and not empty, nothing is drawn in place; `TERM=dumb` does the same."],
]

/** Lines that people type, by command. */
const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  init: [
    "gonka-ha init",
    "gonka-ha init --preset compact --name my-validator --yes",
    "gonka-ha init --preset ha-2 --name my-validator --set hosts.sig-1.private=10.0.0.31",
    "gonka-ha init --preset ha-2 --name my-validator --import-consensus-key priv_validator_key.json --import-state priv_validator_state.json",
  ],
  validate: ["gonka-ha validate", "gonka-ha validate --strict --domains", "gonka-ha validate --format sarif"],
  config: ["gonka-ha config", "gonka-ha config -d testnet --json"],
  render: ["gonka-ha render", "gonka-ha render --check"],
  "keys import": ["gonka-ha keys import --validator main --key priv_validator_key.json --state priv_validator_state.json"],
  schema: ["gonka-ha schema --write", "gonka-ha schema"],
  graph: ["gonka-ha graph", "gonka-ha graph -o topology.svg", "gonka-ha graph --json"],
  plan: ["gonka-ha plan", "gonka-ha plan --out plan.json", "gonka-ha plan --json"],
  apply: ["gonka-ha apply plan.json"],
  diff: ["gonka-ha diff", "gonka-ha diff --effective", "gonka-ha diff --effective --json"],
  rollback: ["gonka-ha rollback --list", "gonka-ha rollback --dry-run", "gonka-ha rollback --to 20261123-101500-up"],
  up: ["gonka-ha up --dry-run", "gonka-ha up", "gonka-ha up --yes --json"],
  status: ["gonka-ha status", "gonka-ha status --watch", "gonka-ha status --watch --interval 30 --json"],
  ps: ["gonka-ha ps", "gonka-ha ps --json"],
  logs: [
    "gonka-ha logs node-1 -f",
    "gonka-ha logs sentry-1 sentry-2 --since 10m",
    "gonka-ha logs --signer main --parking node-2 --tail 20",
  ],
  exec: ["gonka-ha exec node-1 -- df -h /gonka-ha/home", "gonka-ha exec -i node-1 -- sh"],
  ssh: ["gonka-ha ssh val-1", "gonka-ha ssh val-1 -- uptime"],
  restart: ["gonka-ha restart sentry-1", "gonka-ha restart node-1 --cost-accepted"],
  resync: ["gonka-ha resync node-2 --dry-run", "gonka-ha resync node-2", "gonka-ha resync node-2 --from sentry-1"],
  completion: ['eval "$(gonka-ha completion bash)"', 'eval "$(gonka-ha completion zsh)"', "gonka-ha completion fish | source"],
  doctor: ["gonka-ha doctor", "gonka-ha doctor host.disk signer", "gonka-ha doctor network --matrix", "gonka-ha doctor --list"],
  promote: ["gonka-ha promote node-2 --dry-run", "gonka-ha promote node-2", "gonka-ha promote --resume"],
  failover: ["gonka-ha failover node-2"],
  history: ["gonka-ha history", "gonka-ha history 12", "gonka-ha history --verify", "gonka-ha history --audit --host val-1"],
  "check-image": ["gonka-ha check-image", "gonka-ha check-image IMAGE@sha256:DIGEST --host val-1"],
  explain: ["gonka-ha explain", "gonka-ha explain GHA-305", "gonka-ha explain node-2"],
}

export function cliPage(): string {
  const program = commandTree()
  const commands = commandsOf(program)
  const unknown = Object.keys(EXAMPLES).filter((words) => !commands.some((command) => command.words === words))
  if (unknown.length > 0) throw new Error(`there are examples of commands that do not exist: ${unknown.join(", ")}`)
  const rows = commands.map(({ words, command }) => [`[${words}](#${anchor(words)})`, plainText(description(command))])
  return page(
    madeFrom("dev/docs/prose/cli.md", "src/cli"),
    prose("cli.md"),
    table(["Command", "What it does"], rows),
    ...commands.flatMap(({ words, command }) => commandParts(words, command)),
    "## Exit codes",
    table(["Code", "Meaning"], exitRows()),
    "## Environment",
    table(
      ["Variable", "Meaning"],
      VARIABLES.map(([name, meaning]) => [code(name), meaning]),
    ),
    prose("cli-json.md"),
  )
}

function exitRows(): readonly (readonly string[])[] {
  const meanings: Readonly<Record<string, string>> = EXIT_MEANINGS
  return Object.entries(EXIT).map(([name, exit]) => [String(exit), meanings[name] ?? ""])
}

function commandParts(words: string, command: Command): readonly string[] {
  const usage = ["gonka-ha", words, ...command.registeredArguments.map(argumentUsage), "[options]"].join(" ")
  const options = command.options.filter(({ hidden }) => !hidden)
  return [
    `## ${words}`,
    paragraph(plainText(sentence(description(command)))),
    fenced("text", usage),
    ...(options.length === 0 ? [] : [table(["Option", "Meaning"], options.map(optionRow))]),
    ...(EXAMPLES[words] === undefined ? [] : [fenced("sh", EXAMPLES[words].join("\n"))]),
  ]
}

function argumentUsage(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? "..." : ""}`
  return argument.required ? `<${name}>` : `[${name}]`
}

function optionRow({ flags, description, argChoices, defaultValue }: Option): readonly string[] {
  const choices = argChoices === undefined ? "" : `: ${argChoices.map(code).join(", ")}`
  const usual = typeof defaultValue === "string" ? `; default ${code(defaultValue)}` : ""
  return [code(flags), `${plainText(description)}${choices}${usual}`]
}

/** A command of a group says only what is special about it. */
function description(command: Command): string {
  const group = command.parent?.parent ? command.parent : undefined
  return [group, command].flatMap((part) => part?.description() ?? []).join(": ")
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
