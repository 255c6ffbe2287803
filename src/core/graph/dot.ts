import { type End, GROUP_TITLE, type Graph, type Group, type HostBox, type Hub, type Link, type LinkKind } from "./model.ts"
import { GROUP_COLOUR, lineColour } from "./palette.ts"

/** A digraph for Graphviz: hosts are clusters, what is of one kind on a host is one table with a row for each. */
export function dotText({ title, hosts, hubs, links, legend }: Graph): string {
  return `${[
    "digraph {",
    `  graph [rankdir=LR, bgcolor=white, ${FONT}, fontsize=10, nodesep=0.25, ranksep=0.9, newrank=true, labelloc=b, labeljust=l, label=${caption(title, legend)}]`,
    `  node [shape=plain, ${FONT}, fontsize=11]`,
    "  edge [arrowsize=0.7]",
    ...hubs.map(hubLine),
    ...hosts.flatMap(hostLines),
    ...links.map(linkLine),
    "}",
    "",
  ].join("\n")}`
}

/** Graphviz knows the widths of this font's letters; of a list of fonts it would take those of Times. */
const FONT = 'fontname="Arial"'

function caption(title: string, legend: readonly string[]): string {
  return html(
    `<br align="left"/><b>${escaped(title)}</b><br align="left"/>${legend.map((text) => `${escaped(text)}<br align="left"/>`).join("")}`,
  )
}

function hostLines({ id, name, lines, groups }: HostBox): readonly string[] {
  const small = lines.map((text) => `<br align="left"/><font point-size="9">${escaped(text)}</font>`).join("")
  return [
    `  subgraph cluster_${id} {`,
    `    graph [style="rounded,filled", color="#b0bec5", fillcolor="#fafafa", margin=10, labelloc=t, labeljust=l, label=${html(`<b>${escaped(name)}</b>${small}<br align="left"/>`)}]`,
    ...(groups.length === 0 ? [`    ${id}_idle [label="nothing runs here", fontcolor="#607d8b"]`] : groups.map(groupLine)),
    "  }",
  ]
}

function groupLine({ id, kind, items }: Group): string {
  const { fill, line } = GROUP_COLOUR[kind]
  const head = `<tr><td bgcolor="${line}"><font color="white" point-size="9">${GROUP_TITLE[kind]}</font></td></tr>`
  const rows = items.map(
    ({ id, name, note }) =>
      `<tr><td port="${id}" align="left" balign="left"><b>${escaped(name)}</b><br/><font point-size="9">${escaped(note)}</font></td></tr>`,
  )
  const table = `<table border="0" cellborder="1" cellspacing="0" cellpadding="4" color="${line}" bgcolor="${fill}">`
  return `    ${id} [label=${html(`${table}${head}${rows.join("")}</table>`)}]`
}

function hubLine({ id, kind, lines }: Hub): string {
  const shape = kind === "network" || kind === "users" ? "ellipse" : "hexagon"
  const text = lines.map((line, index) => (index === 0 ? `<b>${escaped(line)}</b>` : `<font point-size="9">${escaped(line)}</font>`))
  return `  ${id} [shape=${shape}, style=filled, fillcolor=white, color="#546e7a", margin="0.08,0.04", label=${html(text.join("<br/>"))}]`
}

/** Signers and apis stand on the right and dial to the left. */
const HEADS: Readonly<Record<LinkKind, "none" | "forward" | "back" | "both">> = {
  network: "both",
  users: "forward",
  queries: "forward",
  p2p: "none",
  reads: "back",
  privval: "back",
}

const WIDTH: Readonly<Record<Link["style"], number>> = { solid: 1.4, dashed: 0.8 }

function linkLine(link: Link): string {
  const { kind, from, to, style } = link
  const look = `color="${lineColour(link)}", dir=${HEADS[kind]}, style=${style}, penwidth=${WIDTH[style]}`
  return `  ${place(from, "e")} -> ${place(to, "w")} [${look}]`
}

function place(end: End, side: "e" | "w"): string {
  switch (end.kind) {
    case "item":
      return `${end.group}:${end.id}:${side}`
    case "group":
    case "hub":
      return `${end.id}:${side}`
  }
}

function html(markup: string): string {
  return `<${markup}>`
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.codePointAt(0)};`)
}
