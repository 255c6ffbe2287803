import { parse } from "yaml"
import type { Example } from "../core/spec/rule.ts"
import type { ExplainedRule } from "../core/spec/rules/explained.ts"

const WIDTH = 80

export function explanationText({ id, severity, title, why, fix, bad, good }: ExplainedRule): string {
  return [
    ...wrapped(`${id} ${severity}: ${title}`, ""),
    "",
    ...wrapped(`why: ${why}`, "     "),
    ...wrapped(`fix: ${fix}`, "     "),
    ...(bad === undefined ? [] : ["", "Bad:", ...exampleLines(bad).map(indented)]),
    "",
    "Good:",
    ...exampleLines(good).map(indented),
    "",
  ].join("\n")
}

/** One rule under the other, for people who do not know the id yet. */
export function ruleListText(rules: readonly ExplainedRule[]): string {
  const severityWidth = Math.max(...rules.map(({ severity }) => severity.length))
  const lines = rules.flatMap(({ id, severity, title }) => {
    const head = `${id}  ${severity.padEnd(severityWidth)}  `
    return wrapped(head + title, " ".repeat(head.length))
  })
  return [...lines, "", "gonka-ha explain GHA-… tells why, what to do, and shows examples.", ""].join("\n")
}

/** An example as it stands in a topology file. */
export function exampleLines({ yaml, without = [] }: Example): readonly string[] {
  return [...yaml.trimEnd().split("\n"), ...without.filter((path) => !isWritten(yaml, path)).map((path) => `# and no ${path}`)]
}

function indented(line: string): string {
  return `    ${line}`.trimEnd()
}

/** What an example writes anew is not missing from it. */
function isWritten(yaml: string, path: string): boolean {
  let now: unknown = parse(yaml)
  for (const key of path.split(".")) {
    if (typeof now !== "object" || now === null || !Object.hasOwn(now, key)) return false
    now = Reflect.get(now, key)
  }
  return true
}

/** Lines of at most 80 columns, where words allow it; runs of spaces at the start stay. */
function wrapped(text: string, indent: string): readonly string[] {
  const lines: string[] = []
  let line = ""
  for (const word of text.split(/(?<=\S) (?=\S)/)) {
    const longer = line === "" ? word : `${line} ${word}`
    if (longer.length <= WIDTH || line === "") {
      line = longer
      continue
    }
    lines.push(line)
    line = indent + word
  }
  return [...lines, line]
}
