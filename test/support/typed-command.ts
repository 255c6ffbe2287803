import type { Command, Option } from "commander"

/** A command of gonka-ha as a page shows it. */
export type TypedCommand = {
  readonly line: number
  readonly text: string
  /** A line of its own can be typed as it stands; one in the middle of a sentence may leave out what it works on. */
  readonly isWhole: boolean
}

/** Commands in blocks of shell lines, fenced or indented, and between backticks. */
export function commandsIn(markdown: string): readonly TypedCommand[] {
  let fence: string | undefined
  return markdown.split("\n").flatMap((line, index): TypedCommand[] => {
    const mark = /^\s*```(\w*)/.exec(line)
    if (mark) {
      fence = fence === undefined ? (mark[1] ?? "") : undefined
      return []
    }
    const whole = fence === "sh" || (fence === undefined && line.startsWith("    "))
    if (whole) return line.trim().startsWith("gonka-ha ") ? [{ line: index + 1, text: line.trim(), isWhole: true }] : []
    if (fence !== undefined) return []
    return [...line.matchAll(/`(gonka-ha [^`]+)`/g)].map(([, text = ""]) => ({ line: index + 1, text, isWhole: false }))
  })
}

/** What the command line would say against it; undefined when it would take it. Nothing is run. */
export function complaintAbout(program: Command, { text, isWhole }: Pick<TypedCommand, "text" | "isWhole">): string | undefined {
  const [, ...words] = wordsOf(text)
  let command = program
  while (words[0] !== undefined && command.commands.length > 0 && !words[0].startsWith("-")) {
    const name = words.shift()
    const next = command.commands.find((child) => child.name() === name)
    if (next === undefined) return `there is no command ${name}`
    command = next
  }
  const rest = withoutOptions(command, words)
  if (typeof rest === "string") return rest
  const { registeredArguments: known } = command
  if (rest.length > known.length && !known.at(-1)?.variadic) return `${command.name()} takes no argument ${rest[known.length]}`
  const needed = known.filter(({ required }) => required)
  if (isWhole && rest.length < needed.length) return `${command.name()} needs ${needed[rest.length]?.name()}`
  return isWhole && command.commands.length > 0 && !words.includes("--help") ? `${command.name()} is no whole command` : undefined
}

/** Without comments, with what is in brackets, up to the next program of a pipe. */
function wordsOf(text: string): string[] {
  const [typed = ""] = text.split(/\s#|\s(?:\||>|&&)\s/, 1)
  return typed
    .replaceAll(/[[\]]/g, "")
    .split(/\s+/)
    .filter((word) => word !== "" && word !== "..." && word !== "…")
}

/** The arguments that are left, or what is wrong with an option. */
function withoutOptions(command: Command, words: readonly string[]): readonly string[] | string {
  const left: string[] = []
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? ""
    if (!word.startsWith("-")) {
      left.push(word)
      continue
    }
    const [flag = "", glued] = word.split("=", 2)
    if (flag === "--help") continue
    // What follows belongs to another program.
    if (flag === "--") return [...left, ...words.slice(index + 1)]
    const option = command.options.find(({ short, long }) => short === flag || long === flag)
    if (option === undefined) return `${command.name()} has no option ${flag}`
    if (!option.required) continue
    const value = glued ?? words[++index]
    const complaint = complaintAboutValue(option, value)
    if (complaint !== undefined) return complaint
  }
  return left
}

function complaintAboutValue({ long, argChoices }: Option, value: string | undefined): string | undefined {
  if (value === undefined || value.startsWith("-")) return `${long} needs a value`
  return argChoices === undefined || argChoices.includes(value) ? undefined : `${long} takes ${argChoices.join(", ")}, not ${value}`
}
