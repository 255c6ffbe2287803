import { conclusion, domainName, sameLosses, VERDICT_TEXT } from "../../src/cli/show-domains.ts"
import type { DomainKind } from "../../src/core/domains/failure-domain.ts"
import { type FailureReport, failureReport, type Loss } from "../../src/core/domains/failure-report.ts"
import { membersOf } from "../../src/core/domains/members.ts"
import { graphOf } from "../../src/core/graph/graph-of.ts"
import { mermaidText } from "../../src/core/graph/mermaid.ts"
import type { Example } from "./examples.ts"
import { code, fenced, madeFrom, page, paragraph, plainText, table } from "./markdown.ts"
import { prose } from "./repository.ts"

/** The list of all examples. */
export function examplesPage(examples: readonly Example[]): string {
  const rows = examples.map((example) => {
    const report = failureReport(membersOf(example.spec))
    return [
      `[${example.name}](${example.name}/README.md)`,
      firstSentence(example.about),
      String(Object.keys(example.spec.hosts).length),
      nodeCount(example),
      String(Object.keys(example.spec.validators).length),
      `host: ${worst(report, "host")}<br>provider: ${worst(report, "provider")}`,
    ]
  })
  return page(
    madeFrom("dev/docs/prose/examples.md", "examples/*/gonka-ha.yaml"),
    prose("examples.md"),
    table(["Example", "What it shows", "Hosts", "Nodes", "Validators", "Losing one"], rows),
  )
}

/** One example: what it is, its drawing, and what each loss costs. */
export function examplePage(example: Example): string {
  const { name, about, spec, suppressed, destinations } = example
  const file = `examples/${name}/gonka-ha.yaml`
  const report = failureReport(membersOf(spec))
  return page(
    madeFrom(file),
    `# ${name}`,
    paragraph(plainText(about)),
    table(["", ""], factsOf(example)),
    `The file: [gonka-ha.yaml](gonka-ha.yaml)${destinations.map((to) => `, and over it [gonka-ha.${to}.yaml](gonka-ha.${to}.yaml)`).join("")}.`,
    fenced("sh", [`gonka-ha validate --domains -f ${file}`, ...destinations.map((to) => `gonka-ha config -d ${to} -f ${file}`)].join("\n")),
    "## Drawing",
    "Made by `gonka-ha graph`; `gonka-ha graph -o picture.svg` draws it larger.",
    fenced("mermaid", mermaidText(graphOf(spec))),
    "## What one loss costs",
    table(["Loss of", "Stops", "Why, and what is left"], sameLosses(report.losses).map(lossRow)),
    paragraph(plainText(conclusion(report))),
    ...(suppressed.length === 0 ? [] : ["## Accepted warnings", acceptedWarnings(example)]),
    "[All examples](../README.md)",
  )
}

function factsOf({ spec }: Example): readonly (readonly string[])[] {
  const names = (map: Readonly<Record<string, unknown>> | undefined) => Object.keys(map ?? {})
  const facts: readonly (readonly [string, readonly string[]])[] = [
    ["Profile", [spec.profile]],
    ["Hosts", names(spec.hosts)],
    ["Sentries", names(spec.sentries)],
    ["Private nodes", names(spec.private)],
    ["Validators", Object.entries(spec.validators).map(([name, { firstActive }]) => `${name} (first at ${firstActive})`)],
    ["Api", names(spec.api)],
    ["Entry points", names(spec.edge)],
  ]
  return facts
    .filter(([, values]) => values.length > 0)
    .map(([what, values]) => [what, `${values.length > 1 ? `${values.length}: ` : ""}${values.join(", ")}`])
}

function nodeCount({ spec }: Example): string {
  const sentries = Object.keys(spec.sentries).length
  const privates = Object.keys(spec.private).length
  return `${sentries + privates}: ${sentries} sentries, ${privates} private`
}

/** The worst that the loss of one of its kind stops, and which ones do. */
function worst({ losses }: FailureReport, kind: DomainKind): string {
  const ofKind = losses.filter(({ domain }) => domain.kind === kind)
  const [first] = ofKind
  if (first === undefined) return "not said"
  const names = ofKind.filter(({ verdict }) => verdict === first.verdict).map(({ domain }) => domain.name)
  return `${VERDICT_TEXT[first.verdict]} (${names.join(", ")})`
}

function lossRow(losses: readonly [Loss, ...Loss[]]): readonly string[] {
  const [{ domain, verdict, stops, reduced }] = losses
  const hosts = domain.hosts.length > 1 ? [`(${domain.hosts.join(", ")})`] : []
  const left = reduced.map((item) => `${item.what} ${item.left} of ${item.of}`).join(", ")
  return [
    [...losses.map((loss) => domainName(loss.domain)), ...hosts].map(plainText).join("<br>"),
    VERDICT_TEXT[verdict],
    [...stops.map(({ reason }) => plainText(reason)), ...(left === "" ? [] : [`left: ${left}`])].join("<br>"),
  ]
}

function acceptedWarnings({ suppressed }: Example): string {
  const rows = suppressed.map(({ issue, reason }) => [
    issue.rule === undefined ? "" : `[${issue.rule}](../../docs/rules.md#${issue.rule.toLowerCase()})`,
    code(issue.path),
    plainText(reason),
  ])
  return table(["Rule", "Where", "Reason"], rows)
}

function firstSentence(text: string): string {
  return plainText(/^.*?[.:](?= |$)/.exec(text)?.[0].replace(/:$/, ".") ?? text)
}
