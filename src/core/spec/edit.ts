import { type Document, isCollection, isNode, isSeq, parseDocument } from "yaml"

/** One `path=value` of the command line; the value is YAML, and null removes the setting. */
export type Setting = { readonly path: readonly string[]; readonly value: unknown }

/** Reads `hosts.sen-1.ssh=root@10.0.0.1`, or says what is wrong with it. */
export function parseSetting(text: string): Setting | { readonly problem: string } {
  const equals = text.indexOf("=")
  if (equals <= 0) return { problem: `${text} is not path=value` }
  const path = text.slice(0, equals).split(".")
  if (path.some((part) => part === "")) return { problem: `${text}: the path has an empty part` }
  const document = parseDocument(text.slice(equals + 1), { prettyErrors: false, logLevel: "error" })
  const fault = document.errors[0] ?? document.warnings[0]
  if (fault) return { problem: `${text}: the value is not valid YAML: ${fault.message}` }
  try {
    return { path, value: document.toJS({ maxAliasCount: 50 }) }
  } catch (error) {
    return { problem: `${text}: ${error instanceof Error ? error.message : String(error)}` }
  }
}

/** The words for `--set` that give this value at this path. */
export function settingText(path: readonly string[], value: string | readonly string[]): string {
  const plain = typeof value === "string" ? value : `[${value.join(", ")}]`
  const text = `${path.join(".")}=${plain}`
  const read = parseSetting(text)
  const isSame = "value" in read && JSON.stringify(read.value) === JSON.stringify(value)
  return isSame ? text : `${path.join(".")}=${JSON.stringify(value)}`
}

/** Changes settings of a YAML text and keeps its comments, its order and its inline lists. */
export function editYaml(text: string, settings: readonly Setting[]): { readonly text: string } | { readonly problem: string } {
  const document = parseDocument(text)
  for (const setting of settings) {
    const problem = apply(document, setting)
    if (problem !== undefined) return { problem }
  }
  return { text: yamlText(document) }
}

/** In the form in which the presets are written. */
export function yamlText(document: Document): string {
  return document.toString({ lineWidth: 0, flowCollectionPadding: false })
}

function apply(document: Document, { path, value }: Setting): string | undefined {
  for (let depth = 1; depth < path.length; depth++) {
    const parent = document.getIn(path.slice(0, depth), true)
    if (parent !== undefined && parent !== null && !isCollection(parent)) {
      return `${path.join(".")}: ${path.slice(0, depth).join(".")} is not a map`
    }
  }
  if (value === null) {
    document.deleteIn(path)
    return undefined
  }
  const before = document.getIn(path, true)
  if (typeof value !== "object") {
    document.setIn(path, value)
    return undefined
  }
  const node = document.createNode(value)
  if (isNode(before)) {
    node.comment = before.comment ?? null
    node.commentBefore = before.commentBefore ?? null
  }
  // A list of plain values reads best on one line, as the presets write it.
  if (isSeq(node)) node.flow = node.items.every((item) => !isCollection(item))
  document.setIn(path, node)
  return undefined
}
