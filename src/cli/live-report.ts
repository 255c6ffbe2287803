import { durationText } from "../core/duration.ts"
import type { Event, Report } from "../core/events.ts"
import { printable } from "../core/printable.ts"
import { lastingLines } from "./report.ts"
import { COLUMNS } from "./wrapped.ts"

/** A terminal on which lines can be drawn again. */
export type LiveTerminal = {
  write(text: string): void
  /** Undefined where it does not say. */
  columns(): number | undefined
  monoMs(): number
  /** Calls again and again until the answer is called; must not keep the process alive. */
  every(ms: number, work: () => void): () => void
}

export type LiveReport = {
  readonly report: Report
  /** Writes something else above what is under way. */
  above(write: () => void): void
  /** Takes away what is under way: nothing more comes, or something is asked. */
  end(): void
}

type UnderWay = { readonly title: string; readonly beganMs: number; awaited: string | undefined }

const REDRAW_EVERY_MS = 1000
/** Steps that are told of at a time; a fleet may have dozens under way. */
const MAX_STEPS = 8

/**
 * Progress on a terminal: what is done scrolls by, and below it each step that is under way has a line with its elapsed time, and one with
 * what it awaits. Those are drawn in place.
 */
export function liveReport(terminal: LiveTerminal): LiveReport {
  const steps = new Map<number, UnderWay>()
  /** A wait that belongs to no step. */
  let between: UnderWay | undefined
  let drawn = 0
  let stop: (() => void) | undefined

  const under = () => [
    ...underWayLines(steps, terminal.monoMs()),
    ...(between === undefined ? [] : underWayLines(new Map([[0, between]]), terminal.monoMs())),
  ]
  const erase = () => (drawn === 0 ? "" : `\u001b[${drawn}A\r\u001b[J`)
  const draw = (lasting: readonly string[] = []) => {
    const lines = under().map((line) => clipped(line, Math.min(terminal.columns() ?? COLUMNS, COLUMNS) - 1))
    const text = [...lasting, ...lines].map((line) => `${line}\n`).join("")
    if (drawn > 0 || text !== "") terminal.write(`${erase()}${text}`)
    drawn = lines.length
    if (drawn > 0) stop ??= terminal.every(REDRAW_EVERY_MS, () => draw())
    else rest()
  }
  const rest = () => {
    stop?.()
    stop = undefined
  }
  const erased = () => {
    if (drawn > 0) terminal.write(erase())
    drawn = 0
  }
  return {
    report: (event) => {
      between =
        event.kind === "waiting" && stepOf(event, steps) === undefined
          ? { title: waitText(event), beganMs: terminal.monoMs() - event.sinceMs, awaited: undefined }
          : undefined
      note(event, steps, terminal.monoMs())
      draw(lastingLines(event))
    },
    above: (write) => {
      erased()
      write()
      draw()
    },
    end: () => {
      steps.clear()
      between = undefined
      erased()
      rest()
    },
  }
}

function note(event: Event, steps: Map<number, UnderWay>, nowMs: number): void {
  switch (event.kind) {
    case "step-begins":
      steps.set(event.number, { title: `${event.number}/${event.of} ${event.title}`, beganMs: nowMs, awaited: undefined })
      return
    case "step-done":
    case "step-failed":
      steps.delete(event.number)
      return
    case "waiting": {
      const step = stepOf(event, steps)
      if (step) step.awaited = waitText(event)
    }
  }
}

/** A wait that does not say to which step it belongs can only belong to the one that is under way. */
function stepOf({ number }: Extract<Event, { kind: "waiting" }>, steps: ReadonlyMap<number, UnderWay>): UnderWay | undefined {
  if (number !== undefined) return steps.get(number)
  return steps.size === 1 ? [...steps.values()][0] : undefined
}

function waitText({ what, now }: Extract<Event, { kind: "waiting" }>): string {
  return `waiting for ${what}: ${now}`
}

function underWayLines(steps: ReadonlyMap<number, UnderWay>, nowMs: number): readonly string[] {
  const all = [...steps].sort(([one], [other]) => one - other).map(([, step]) => step)
  const more = all.length - MAX_STEPS
  return [
    ...all
      .slice(0, MAX_STEPS)
      .flatMap(({ title, beganMs, awaited }) => [
        `· ${elapsed(nowMs - beganMs).padStart(6)}  ${title}`,
        ...(awaited === undefined ? [] : [`    … ${awaited}`]),
      ]),
    ...(more > 0 ? [`  … and ${more} more under way`] : []),
  ]
}

/** Whole seconds: it is drawn once in each. */
function elapsed(ms: number): string {
  return ms < 60_000 ? `${Math.floor(ms / 1000)}s` : durationText(Math.floor(ms / 1000) * 1000)
}

function clipped(line: string, room: number): string {
  const characters = Array.from(printable(line))
  return characters.length > room ? `${characters.slice(0, room - 1).join("")}…` : characters.join("")
}
