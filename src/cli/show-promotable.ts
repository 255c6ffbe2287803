import type { ForValidator, Promotable } from "../app/promotable.ts"
import type { Issue } from "../core/issue.ts"
import { wrappedRow } from "./wrapped-row.ts"

const COLUMNS = 80

/** Why a node is promotable now or not: one paragraph for each validator, every reason with its fix. */
export function promotableText({ node, validators, issues }: Promotable): string {
  const paragraphs = [
    ...(issues.length > 0 ? [issues.flatMap(issueLines)] : []),
    ...validators.map((each) => validatorLines(node, each, validators.length > 1)),
  ]
  return `${paragraphs.map((lines) => lines.join("\n")).join("\n\n")}\n`
}

function validatorLines(node: string, { validator, verdict, signsThrough, issues }: ForValidator, isOneOfMany: boolean): readonly string[] {
  const reasons = issues.filter(({ severity }) => severity === "error").length
  const from = signsThrough === undefined || signsThrough === node ? "" : `; it signs through ${signsThrough}`
  const head = {
    active: ["✓", `${validator} signs through ${node} now: there is nothing to promote`],
    promotable: [
      "✓",
      `${node} can take over ${validator} now${from}: gonka-ha promote ${node}${isOneOfMany ? ` --validator ${validator}` : ""}`,
    ],
    refused: ["✗", `${node} cannot take over ${validator} now, for ${reasons === 1 ? "one reason" : `${reasons} reasons`}${from}`],
  }[verdict]
  return [...marked(head[0] ?? "", head[1] ?? ""), ...issues.flatMap(issueLines)]
}

function issueLines({ severity, path, message, fix }: Issue): readonly string[] {
  return [...marked(severity === "error" ? "✗" : "⚠", `${path}: ${message}`, 2), ...(fix === undefined ? [] : marked("fix:", fix, 4))]
}

/** Lines of at most 80 columns, the later ones under the first word. */
function marked(mark: string, sentence: string, indent = 0): readonly string[] {
  const room = COLUMNS - indent - mark.length - 1
  return wrappedRow([room], [[sentence]]).map(
    (line, index) => `${" ".repeat(indent)}${index === 0 ? mark : " ".repeat(mark.length)} ${line}`,
  )
}
