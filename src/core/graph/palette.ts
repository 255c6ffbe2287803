import type { GroupKind, Link, LinkKind } from "./model.ts"

/** Light fills with dark lines: legible on white, and in grey. */
export const GROUP_COLOUR: Readonly<Record<GroupKind, { readonly fill: string; readonly line: string }>> = {
  edges: { fill: "#eceff1", line: "#546e7a" },
  sentries: { fill: "#e3f2fd", line: "#1565c0" },
  private: { fill: "#e8f5e9", line: "#2e7d32" },
  apis: { fill: "#f3e5f5", line: "#6a1b9a" },
  signers: { fill: "#fff3e0", line: "#d84315" },
}

/** Several colours where lines of one kind cross each other. */
const LINE_COLOURS: Readonly<Record<LinkKind, readonly [string, ...string[]]>> = {
  network: ["#546e7a"],
  users: ["#546e7a"],
  queries: ["#546e7a"],
  p2p: ["#1565c0"],
  reads: ["#6a1b9a", "#00838f", "#37474f"],
  privval: ["#d84315", "#ad1457", "#827717", "#4e342e", "#f9a825"],
}

export function lineColour({ kind, variant }: Link): string {
  const colours = LINE_COLOURS[kind]
  return colours[variant % colours.length] ?? colours[0]
}
