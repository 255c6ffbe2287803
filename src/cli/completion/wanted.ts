import type { Argument, Command, Option } from "commander"
import type { Names } from "../../app/names.ts"

/** What may stand at the end of a command line. */
export type Wanted = {
  /** The beginning that every candidate has. */
  readonly begun: string
  readonly words: readonly Candidate[]
  /** Names from the topology file, and which of them are there already. */
  readonly names: { readonly kind: keyof Names; readonly without: readonly string[] } | undefined
  readonly files: boolean
  /** Stands before every candidate: `--host=`, where option and value are one word. */
  readonly prefix: string
  /** The topology file and the overlay, where the line names them. */
  readonly file: string | undefined
  readonly destination: string | undefined
}

export type Candidate = { readonly word: string; readonly description: string }

/** @param words what was typed after the program's name; the last one is still being typed, and may be empty */
export function wantedBy(program: Command, words: readonly string[]): Wanted {
  const line = readLine(program, words.slice(0, -1))
  const begun = words.at(-1) ?? ""
  const { command, operands, pending, values } = line
  const nothing: Wanted = {
    begun,
    words: [],
    names: undefined,
    files: false,
    prefix: "",
    file: values.get("file"),
    destination: values.get("destination"),
  }
  if (command === undefined || line.isPastOptions) return nothing
  if (pending) return { ...nothing, ...valuesOf(pending) }
  const [, flag, value] = /^(--[a-z-]+)=(.*)$/s.exec(begun) ?? []
  const option = flag === undefined ? undefined : optionNamed(command, flag)
  if (option && value !== undefined) return { ...nothing, begun: value, prefix: `${flag}=`, ...valuesOf(option) }
  if (begun.startsWith("-")) return { ...nothing, words: optionsOf(command, line.given) }
  if (command.commands.length > 0) return { ...nothing, words: command.commands.map((child) => described(child.name(), child)) }
  const argument = command.registeredArguments[operands.length] ?? variadicOf(command)
  return argument === undefined ? nothing : { ...nothing, ...argumentsOf(command, argument, operands) }
}

type Line = {
  /** Undefined when a word is no command. */
  readonly command: Command | undefined
  readonly operands: readonly string[]
  /** The option whose value comes next. */
  readonly pending: Option | undefined
  readonly given: ReadonlySet<Option>
  readonly values: ReadonlyMap<string, string>
  /** What follows belongs to another program. */
  readonly isPastOptions: boolean
}

function readLine(program: Command, words: readonly string[]): Line {
  let command = program
  let pending: Option | undefined
  const operands: string[] = []
  const given = new Set<Option>()
  const values = new Map<string, string>()
  for (const word of words) {
    if (pending) {
      values.set(pending.attributeName(), word)
      pending = undefined
    } else if (word === "--") return { command, operands, pending, given, values, isPastOptions: true }
    else if (word.startsWith("-")) {
      const [flag = "", value] = word.split(/=(.*)/s)
      const option = optionNamed(command, flag)
      if (!option) continue
      given.add(option)
      if (value !== undefined) values.set(option.attributeName(), value)
      else if (option.required) pending = option
    } else if (command.commands.length > 0) {
      const child = command.commands.find((each) => each.name() === word)
      if (!child) return { command: undefined, operands, pending, given, values, isPastOptions: false }
      command = child
    } else operands.push(word)
  }
  return { command, operands, pending, given, values, isPastOptions: false }
}

function optionNamed({ options }: Command, flag: string): Option | undefined {
  return options.find(({ short, long }) => short === flag || long === flag)
}

/** Those that help lists and that are not given; one that takes several values may come again. */
function optionsOf({ options }: Command, given: ReadonlySet<Option>): readonly Candidate[] {
  const left = options.filter((option) => !option.hidden && (!given.has(option) || Array.isArray(option.defaultValue)))
  return [...left.map(({ long, short, description }) => ({ word: long ?? short ?? "", description })), HELP]
}

const HELP: Candidate = { word: "--help", description: "what the command does, and its options" }

function described(word: string, command: Command): Candidate {
  return { word, description: command.description() }
}

type Values = Pick<Wanted, "words" | "names" | "files">
const NOTHING: Values = { words: [], names: undefined, files: false }

/** Options whose value is a name, by the name of the option. */
const NAMED_BY_OPTION: Readonly<Record<string, keyof Names>> = {
  validator: "validators",
  signer: "validators",
  parking: "nodes",
  host: "hosts",
  from: "nodes",
}

function valuesOf(option: Option): Values {
  const kind = NAMED_BY_OPTION[option.attributeName()]
  if (kind) return { ...NOTHING, names: { kind, without: [] } }
  if (option.argChoices) return { ...NOTHING, words: choices(option.argChoices) }
  return { ...NOTHING, files: /<(file|dir)/.test(option.flags) }
}

/** Arguments whose value is a name, by the name of the argument. */
const NAMED_BY_ARGUMENT: Readonly<Record<string, keyof Names>> = { node: "nodes", nodes: "nodes", subject: "nodes", host: "hosts" }
/** Commands whose nodes are something else as well, or only some of them. */
const NAMED_BY_COMMAND: Readonly<Record<string, keyof Names>> = {
  promote: "candidates",
  failover: "candidates",
  logs: "services",
  restart: "services",
}

function argumentsOf(command: Command, argument: Argument, operands: readonly string[]): Values {
  const kind = NAMED_BY_ARGUMENT[argument.name()]
  if (kind) return { ...NOTHING, names: { kind: NAMED_BY_COMMAND[command.name()] ?? kind, without: operands } }
  if (argument.argChoices) return { ...NOTHING, words: choices(argument.argChoices) }
  return { ...NOTHING, files: /^(file|plan|dir)/.test(argument.name()) }
}

function variadicOf({ registeredArguments }: Command): Argument | undefined {
  const last = registeredArguments.at(-1)
  return last?.variadic ? last : undefined
}

function choices(words: readonly string[]): readonly Candidate[] {
  return words.map((word) => ({ word, description: "" }))
}
