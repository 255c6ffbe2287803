import type { Exposure, Reach } from "../exposure/exposure.ts"
import { exposureOn } from "../exposure/exposure-of.ts"
import type { Topology } from "../topology.ts"

/** What listens on a host, who may reach it and why, for people and for programs. */
export function portTable(
  topology: Topology,
  host: string,
  open: readonly Exposure[] = exposureOn(topology, host),
): { readonly markdown: string; readonly json: string } {
  const rows = [...open].sort((a, b) => a.port - b.port || (a.address < b.address ? -1 : 1))
  return {
    markdown: markdownOf(topology, host, rows),
    json: `${JSON.stringify({ schema: "gonka-ha/ports/v1", deployment: topology.deployment, host, ports: rows }, undefined, 2)}\n`,
  }
}

function markdownOf(topology: Topology, host: string, rows: readonly Exposure[]): string {
  const head = `# Ports of ${host}\n\nWritten by gonka-ha for ${topology.deployment}. Whatever is not listed here is not opened by this deployment.\n\n`
  if (rows.length === 0) return `${head}Nothing listens here: this host only dials others.\n`
  const table = [["Port", "Address", "What", "Of", "Who may reach it", "Why"], ...rows.map(cellsOf)]
  return head + tableText(table)
}

function cellsOf({ port, address, service, owner, from, why }: Exposure): readonly string[] {
  return [`${port}`, address === "0.0.0.0" ? "every address" : address, service, owner, reachText(from), why]
}

function reachText(from: Reach): string {
  switch (from.kind) {
    case "anyone":
      return "anyone"
    case "this host":
      return "this host"
    case "hosts":
      return from.addresses.length === 0 ? "nobody" : from.addresses.map(({ host, address }) => `${host} (${address})`).join(", ")
  }
}

/** Padded, so that it is also legible where Markdown is not rendered. */
function tableText(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |\n`
  const [head = [], ...body] = rows
  return line(head) + line(widths.map((width) => "-".repeat(width))) + body.map(line).join("")
}
