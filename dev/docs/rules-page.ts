import { exampleLines } from "../../src/cli/show-explain.ts"
import { EXPLAINED_RULES, type ExplainedRule } from "../../src/core/spec/rules/explained.ts"
import { anchor, fenced, madeFrom, page, paragraph, plainText, table } from "./markdown.ts"
import { prose } from "./repository.ts"

/** What the first digit of a rule's number says. */
const FAMILIES: ReadonlyMap<string, string> = new Map([
  ["0", "The file itself"],
  ["1", "Hosts"],
  ["2", "Sentries and private nodes"],
  ["3", "Validators and signers"],
  ["4", "Network, sources and versions"],
  ["5", "Ports, entry points and patches"],
  ["6", "What nodes keep"],
  ["7", "Gonka's api"],
  ["8", "Limits, images and resources"],
  ["9", "Secrets"],
])

export function rulesPage(): string {
  const families: readonly Family[] = [...FAMILIES].map(([digit, title]) => ({
    title,
    rules: EXPLAINED_RULES.filter(({ id }) => familyOf(id) === digit),
  }))
  const told = families.reduce((count, { rules }) => count + rules.length, 0)
  if (told !== EXPLAINED_RULES.length) throw new Error("a rule belongs to no family that has a title")
  return page(
    madeFrom("dev/docs/prose/rules.md", "src/core/spec/rules"),
    prose("rules.md"),
    summary(),
    families.map(contentsLine).join("\n"),
    ...families.flatMap(({ title, rules }) => [`## ${title}`, listOf(rules), ...rules.flatMap(ruleParts)]),
  )
}

type Family = { readonly title: string; readonly rules: readonly ExplainedRule[] }

function contentsLine({ title, rules }: Family): string {
  const ids = [...new Set([rules.at(0)?.id, rules.at(-1)?.id])].join(" to ")
  return `- [${title}](#${anchor(title)}): ${ids}`
}

function summary(): string {
  const errors = EXPLAINED_RULES.filter(({ severity }) => severity === "error").length
  return `There are ${EXPLAINED_RULES.length} rules: ${errors} errors and ${EXPLAINED_RULES.length - errors} warnings.`
}

function listOf(rules: readonly ExplainedRule[]): string {
  return table(
    ["Rule", "Severity", "What must hold"],
    rules.map((rule) => [`[${rule.id}](#${anchor(rule.id)})`, rule.severity, plainText(rule.title)]),
  )
}

function ruleParts({ id, severity, title, why, fix, bad, good }: ExplainedRule): readonly string[] {
  return [
    `### ${id}`,
    paragraph(`**${severity}**: ${plainText(title)}`),
    paragraph(`Why: ${plainText(why)}`),
    paragraph(`Fix: ${plainText(fix)}`),
    ...(bad === undefined ? [] : ["Bad:", fenced("yaml", exampleLines(bad).join("\n"))]),
    "Good:",
    fenced("yaml", exampleLines(good).join("\n")),
  ]
}

function familyOf(id: string): string {
  return id.charAt("GHA-".length)
}
