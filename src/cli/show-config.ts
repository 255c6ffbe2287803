import { Document, isMap, isScalar } from "yaml"
import type { ExplainedSpec, ValueOrigin } from "../core/spec/explained.ts"

/** Longer lists stand one entry a line. */
const LONGEST_LINE = 100

/** The resolved spec in its own language, with the origin of every value behind it. Given back as a topology file, it means the same. */
export function configText({ file, settings, facts }: ExplainedSpec & { readonly file: string }): string {
  const document = new Document({})
  for (const { path, value, origin } of settings) document.setIn(path, valueNode(document, value, originText(origin)))
  for (const [path, lines] of linesByPlace(facts)) {
    const node = document.getIn(path, true)
    if (isMap(node)) node.commentBefore = lines.map((line) => ` ${line}`).join("\n")
  }
  document.commentBefore = ` The topology of ${file} with every value, and where each comes from. Nothing here has to be copied back.`
  return document.toString({ lineWidth: 0, flowCollectionPadding: false })
}

/** As people know the origin: `gonka-ha.yaml:12`, `overlay gonka-ha.testnet.yaml:3`, `profile gonka-mainnet`, `built in`, `computed`. */
function originText({ kind, name, line }: ValueOrigin): string {
  const where = line === undefined ? name : `${name}:${line}`
  switch (kind) {
    case "spec":
      return where
    case "overlay":
    case "profile":
      return `${kind} ${where}`
    case "built in":
    case "computed":
      return kind
  }
}

function valueNode(document: Document, value: unknown, origin: string) {
  const isLong = Array.isArray(value) && JSON.stringify(value).length > LONGEST_LINE
  const node = document.createNode(value, { flow: !isLong })
  // A block of text has no line that a comment could follow.
  if (isScalar(node) && typeof value === "string" && value.includes("\n")) node.type = "QUOTE_DOUBLE"
  if (isLong) node.commentBefore = ` ${origin}`
  else node.comment = ` ${origin}`
  return node
}

function linesByPlace(facts: ExplainedSpec["facts"]) {
  const lines = new Map<string, { readonly path: readonly string[]; readonly lines: string[] }>()
  for (const { path, value, origin } of facts) {
    const parent = path.slice(0, -1)
    const entry = lines.get(parent.join(".")) ?? { path: parent, lines: [] }
    const text = Array.isArray(value) ? value.join(", ") || "none" : String(value)
    entry.lines.push(`${path.at(-1)}: ${text} (${originText(origin)})`)
    lines.set(parent.join("."), entry)
  }
  return [...lines.values()].map((entry) => [entry.path, entry.lines] as const)
}
