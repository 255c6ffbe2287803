import type { SignerState } from "./signer-state.ts"

/** What the critical section on the signer's host came to (`templates/move-signer.sh`). */
export type SignerMove = {
  /** Which run of it, as its caller named it: operation and attempt. */
  readonly run: string
  /**
   * `untouched`: it did not begin. `to`, `from`: where the signer was started. `stopped`: it could start nowhere. `unclear`: something was
   * done to the signer, and it was not seen to be gone.
   */
  readonly at: "untouched" | "to" | "from" | "stopped" | "unclear"
  /** The signer's state when no process could change it, the last one where it was stopped twice; undefined when it was not read. */
  readonly state: SignerState | undefined
  /** Milliseconds since it began; undefined for what did not happen. */
  readonly stoppedMs: number | undefined
  readonly startedMs: number | undefined
  readonly connectedMs: number | undefined
  /** Why it is not simply at its new node; empty when there is nothing to say. */
  readonly reason: string
}

const FIELD = /(?:^|\s)(run|at|state|stopped_ms|started_ms|connected_ms)=(\S*)/g
const PLACES = ["untouched", "to", "from", "stopped", "unclear"] as const

/** Reads `control/move`, whose lines may have been joined by blanks; undefined when it is not such a record. */
export function parseSignerMove(text: string): SignerMove | undefined {
  // The reason comes last and may hold anything.
  const split = text.search(/(?:^|\s)reason=/)
  if (split < 0) return undefined
  const fields = new Map([...text.slice(0, split).matchAll(FIELD)].map(([, name = "", value = ""]) => [name, value]))
  const at = PLACES.find((place) => place === fields.get("at"))
  const run = fields.get("run")
  if (at === undefined || run === undefined || run === "") return undefined
  return {
    run,
    at,
    state: stateIn(fields.get("state")),
    stoppedMs: numberIn(fields.get("stopped_ms")),
    startedMs: numberIn(fields.get("started_ms")),
    connectedMs: numberIn(fields.get("connected_ms")),
    reason: text
      .slice(split)
      .replace(/^\s*reason=/, "")
      .trim(),
  }
}

function stateIn(text: string | undefined): SignerState | undefined {
  const [, height, round, step] = /^(\d{1,15})\/(\d{1,9})\/([0-2])$/.exec(text ?? "") ?? []
  return height === undefined ? undefined : { height: Number(height), round: Number(round), step: Number(step) }
}

function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : undefined
}
