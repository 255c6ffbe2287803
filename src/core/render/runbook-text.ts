import type { Topology, Validator } from "../topology.ts"
import { layout, signerMarks } from "./layout.ts"

/** Paragraphs of a runbook, each a block of Markdown. */
export type Paragraphs = readonly string[]

export function shellBlock(...lines: readonly string[]): string {
  return ["```sh", ...lines, "```"].join("\n")
}

export function bullets(...lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join("\n")
}

/** Replaces a small file so that a crash leaves the old or the new one, as gonka-ha itself does it. */
export function writeWord(path: string, word: string): readonly string[] {
  return [`printf '%s\\n' '${word}' > ${path}.new`, `sync ${path}.new`, `mv ${path}.new ${path}`]
}

/** Prints what a node says of itself, one fact a line. */
export function statusOf(rpcPort: number): string {
  return `curl -fsS http://127.0.0.1:${rpcPort}/status | tr ',' '\\n' | grep -E 'latest_block_height|latest_block_time|catching_up'`
}

export function namesOf(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`
}

/** Where a fence may stand: in the deployment's directory, and among the key's marks outside of it. Either holds alone. */
export function fencesOf(topology: Topology, validator: Validator): readonly string[] {
  return [`${topology.dir}/${layout.signer.fence(validator.name)}`, `${signerMarks(topology, validator)}/fence`]
}

/** Prints what the fences say; nothing where there is none. */
export function showFences(topology: Topology, validator: Validator): readonly string[] {
  return [`for each in ${fencesOf(topology, validator).join(" ")}; do [ ! -e "$each" ] || cat "$each"; done`]
}
