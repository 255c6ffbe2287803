import type { ExportedState } from "../app/signer/export-state.ts"
import type { Fenced } from "../app/signer/fence.ts"
import type { PutState } from "../app/signer/import-state.ts"
import type { SealPlan } from "../app/signer/seal-state.ts"
import type { Unfenced } from "../app/signer/unfence.ts"
import { stateText } from "../core/observe/signer-state.ts"
import type { KeyWord, SignerView } from "../core/observe/signer-view.ts"
import type { Reading, StateFile } from "../core/observe/state.ts"
import type { WhoSigns } from "../core/observe/who-signs.ts"
import { wrappedRow } from "./wrapped-row.ts"

/** Of a row: the name and the value fit 80 columns, with the indent and the gap. */
const WIDTHS = [11, 63] as const
const INDENT = "  "

/** The answer of `gonka-ha signer status`: a block for each signer. */
export function signersText(views: readonly SignerView[]): string {
  return views.map((view) => `${signerText(view)}\n`).join("\n")
}

function signerText(view: SignerView): string {
  return [
    `${headMark(view)} ${view.validator} on ${view.host}: ${headWords(view.signing)}`,
    ...rows([
      ["container", known(view.container, (container) => (container ? `${container.name}, ${container.status}` : "none"))],
      ["process", processWords(view)],
      ["connected", connectionWords(view)],
      ["aim", view.aim ?? "none"],
      ...stateRows(view),
      ["key", known(view.key, (word) => KEY_WORDS[word])],
      ...(view.guard ? [["guard", known(view.guard, (word) => (word === "ok" ? "would let it start again" : word.refusal))] as const] : []),
      ["fence", view.fence ?? "none"],
      ["epoch", view.epoch === undefined ? "none yet" : String(view.epoch)],
      ["lock", view.lockedBy ?? "free"],
      ["operation", operationWords(view)],
    ]),
    // Never broken, so that they can be copied.
    `${INDENT}files`,
    `${INDENT}${INDENT}${view.dir}`,
    `${INDENT}${INDENT}${view.marks}`,
    ...problemRows(view),
  ].join("\n")
}

/** The answer of `gonka-ha signer state show`. */
export function signerStatesText(views: readonly SignerView[]): string {
  return views
    .map((view) => `${[`${view.validator} on ${view.host}`, ...rows(stateRows(view)), ...problemRows(view)].join("\n")}\n`)
    .join("\n")
}

type Row = readonly [name: string, value: string]

function stateRows(view: SignerView): readonly Row[] {
  return [
    ["state", known(view.state, stateWords)],
    ["floor", view.floor === undefined ? "none that can be read" : `${view.floor}: no state below it is believed`],
    [
      "chain",
      known(view.signedOnChain, (height) => (height === undefined ? "none of the last blocks is signed" : `block ${height} is signed`)),
    ],
  ]
}

function rows(pairs: readonly Row[]): readonly string[] {
  return pairs.flatMap(([name, value]) => wrappedRow(WIDTHS, [[name], [value]]).map((line) => `${INDENT}${line}`))
}

function problemRows({ problems, signing }: SignerView): readonly string[] {
  const mark = signing.kind === "active" ? "⚠" : "✗"
  return problems.flatMap((problem) => wrappedRow([1, 75], [[mark], [problem]]).map((line) => line.replace(/^(.) {2}/, "$1 ")))
}

function headMark({ signing, problems }: SignerView): string {
  return signing.kind !== "active" ? "✗" : problems.length > 0 ? "⚠" : "✓"
}

function headWords(signing: WhoSigns): string {
  switch (signing.kind) {
    case "active":
      return signing.attached ? `signs through ${signing.node}` : `runs for ${signing.node}`
    case "stopped":
      return "stopped"
    case "new":
      return "not set up"
    case "conflict":
      return "more than one signer"
    case "unknown":
      return "not known"
  }
}

const KEY_WORDS: Readonly<Record<KeyWord, string>> = {
  pinned: "the pinned one",
  missing: "missing",
  other: "another one than the pinned one",
  "not compared": "there; its guard compares it with the pin at each start",
}

function stateWords(state: StateFile): string {
  switch (state.kind) {
    case "missing":
      return "missing"
    case "damaged":
      return `damaged: ${state.reason}`
    case "ok":
      return `${stateText(state.state)} (height/round/step)${state.sealed ? ", sealed and not used since" : ""}`
  }
}

function processWords({ processes }: SignerView): string {
  return known(processes, (list) => (list.length === 0 ? "none" : list.map(({ pid }) => `${pid}`).join(", ")))
}

function connectionWords({ processes, connectedTo }: SignerView): string {
  const ends = known(processes, (list) => list.flatMap(({ connections }) => connections).join(", ") || "to no node")
  return connectedTo === undefined ? ends : `${connectedTo} at ${ends}`
}

function operationWords({ operation }: SignerView): string {
  if (!operation) return "none"
  const from = operation.from === undefined ? "" : ` from ${operation.from}`
  return `${operation.kind}${from} to ${operation.to}, begun ${operation.since} by ${operation.by}`
}

function known<T>(reading: Reading<T>, words: (value: T) => string): string {
  return reading.kind === "seen" ? words(reading.value) : `unknown: ${reading.reason}`
}

export function exportedText({ validator, state, file }: ExportedState): string {
  return `${validator}: state ${stateText(state)} written to ${file}\n`
}

export function importPlanText({ validator, host, height }: { validator: string; host: string; height: number }): string {
  return `${validator} on ${host}: everything up to height ${height} is forbidden from now on, and this is never lowered.\nOnly go on when no other signer with this key runs or can come back.\n`
}

export function sealPlanText({ validator, host, height, because, before }: SealPlan): string {
  return [
    `${validator} on ${host} has ${before}.`,
    `A seal at ${height} or a little above (${because}) forbids everything up to there, and is never lowered.`,
    "Only go on when no other signer with this key runs or can come back.",
    "",
  ].join("\n")
}

export function putStateText({ validator, host, height, because }: PutState): string {
  return `${validator} on ${host}: sealed at height ${height}, ${because}\nnothing was started: \`gonka-ha up\` does that when its node is there\n`
}

export function fencedText({ validator, host, text }: Fenced): string {
  return `${validator} on ${host}: fenced, and its signer is down: ${text}\n\`gonka-ha signer unfence\` takes the fence away\n`
}

export function unfencedText({ validator, host, text }: Unfenced): string {
  return `${validator} on ${host}: the fence is gone; it said: ${text}\nnothing was started: \`gonka-ha up\` does that\n`
}
