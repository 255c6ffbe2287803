import { type End, GROUP_TITLE, type Graph, type Group, type HostBox, type Hub, type Link } from "./model.ts"
import { GROUP_COLOUR, lineColour } from "./palette.ts"

/** A flowchart as GitHub and GitLab show it in Markdown. */
export function mermaidText({ title, hosts, hubs, links, legend }: Graph): string {
  const framed = new Set(
    links.flatMap(({ from, to }) => [from, to]).flatMap((end) => (end.kind === "group" && end.items.length > 1 ? [end.id] : [])),
  )
  return [
    SETTINGS,
    ...[title, ...legend].map((text) => `%% ${text}`),
    "flowchart LR",
    ...hubs.map((hub) => `  ${hub.id}${hubShape(hub)}:::hub`),
    ...hosts.flatMap((host) => hostLines(host, framed)),
    ...links.map((link) => `  ${endId(link.from)} ${arrow(link)} ${endId(link.to)}`),
    ...lineColours(links),
    ...CLASSES,
    ...hosts.map(({ id }) => `  class ${id} host`),
    ...[...framed].map((id) => `  class ${id} frame`),
    "",
  ].join("\n")
}

/** Titles of boxes are wider than what Mermaid leaves room for. */
const SETTINGS = '%%{init: {"flowchart": {"rankSpacing": 110, "wrappingWidth": 500}}}%%'

const CLASSES = [
  "  classDef host fill:#fafafa,stroke:#b0bec5,color:#111",
  "  classDef frame fill:#fff,stroke:#b0bec5,color:#111",
  "  classDef hub fill:#fff,stroke:#546e7a,color:#111",
  ...Object.entries(GROUP_COLOUR).map(([kind, { fill, line }]) => `  classDef ${kind} fill:${fill},stroke:${line},color:#111`),
]

/** Mermaid knows lines by their numbers only. */
function lineColours(links: readonly Link[]): readonly string[] {
  const numbers = new Map<string, number[]>()
  for (const [number, link] of links.entries()) numbers.set(lineColour(link), [...(numbers.get(lineColour(link)) ?? []), number])
  return [...numbers].map(([colour, of]) => `  linkStyle ${of.join(",")} stroke:${colour}`)
}

function hostLines({ id, name, lines, groups }: HostBox, framed: ReadonlySet<string>): readonly string[] {
  return [
    `  subgraph ${id}["<b>${name}</b> <small>${escaped(shortened(lines.join(", ")))}</small>"]`,
    ...(groups.length === 0 ? [`    ${id}_idle["nothing runs here"]`] : groups.flatMap((group) => groupLines(group, framed.has(group.id)))),
    "  end",
  ]
}

/** A frame only where a line goes to the whole group. */
function groupLines({ id, kind, items }: Group, framed: boolean): readonly string[] {
  const nodes = items.map((item) => `    ${item.id}["<b>${item.name}</b><br/>${escaped(item.note)}"]:::${kind}`)
  if (!framed) return nodes
  return [`    subgraph ${id}["${GROUP_TITLE[kind]}"]`, "      direction LR", ...nodes.map((node) => `  ${node}`), "    end"]
}

function hubShape({ kind, lines }: Hub): string {
  const label = `"${lines.map(escaped).join("<br/>")}"`
  switch (kind) {
    case "network":
    case "users":
      return `([${label}])`
    case "mesh":
    case "queries":
    case "reads":
      return `{{${label}}}`
  }
}

function endId(end: End): string {
  switch (end.kind) {
    case "item":
    case "hub":
      return end.id
    case "group":
      return end.items.length > 1 ? end.id : end.items.join("")
  }
}

/** Mermaid has no line with its head at the left end, so lines that are dialled from the right have none. */
function arrow({ kind, style }: Link): string {
  switch (kind) {
    case "network":
    case "p2p":
    case "privval":
    case "reads":
      return style === "solid" ? "---" : "-.-"
    case "users":
    case "queries":
      return "-->"
  }
}

const ENTITY: Readonly<Record<string, string>> = {
  "#": "num",
  "&": "amp",
  "<": "lt",
  ">": "gt",
  '"': "quot",
  "'": "apos",
  "`": "grave",
  "\\": "bsol",
}

/** By name, since Mermaid has numbered entities of its own, which it forgets to decode in titles. */
function escaped(text: string): string {
  return text.replaceAll(/[#&<>"'`\\]/g, (sign) => `&${ENTITY[sign]};`)
}

/** Mermaid makes no room for a wide title: the box would lie on its neighbours. */
function shortened(text: string): string {
  return text.length <= WIDEST ? text : `${text.slice(0, WIDEST - 1)}…`
}

const WIDEST = 54
