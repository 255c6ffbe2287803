import type { JournalLine } from "./journal-line.ts"

/** One step of an operation as it went. */
export type TimedStep = {
  readonly title: string
  readonly began: string
  /** Undefined when it was cut off, or when whoever wrote the journal did not measure it. */
  readonly tookMs?: number | undefined
  /** `cut off`: its process ended inside of it. */
  readonly result: "done" | "failed" | "cut off"
  /** What was seen, or why it failed. */
  readonly said?: string | undefined
}

export type Timeline = {
  readonly steps: readonly TimedStep[]
  /** New tries, ways back, and who went on with it. */
  readonly notes: readonly string[]
}

/** What the journal of an operation tells about how it went. */
export function timelineOf(lines: readonly JournalLine[]): Timeline {
  const steps: TimedStep[] = []
  const notes: string[] = []
  let run: JournalLine | undefined
  for (const line of lines) {
    const last = steps.at(-1)
    switch (line.at) {
      case "begins":
        if (run && run.epoch !== line.epoch) notes.push(`${line.time}: taken up again by ${line.by ?? "somebody unknown"}`)
        run = line
        break
      case "note":
        if (line.text !== undefined) notes.push(line.text)
        break
      case "step-begins":
        steps.push({ title: titleOf(line), began: line.time, result: "cut off" })
        break
      case "step-done":
      case "step-failed":
        if (last?.result === "cut off" && last.title === titleOf(line)) steps[steps.length - 1] = ended(last, line)
        break
    }
  }
  return { steps, notes }
}

function ended(step: TimedStep, { at, tookMs, fact, reason }: JournalLine): TimedStep {
  return { ...step, tookMs, result: at === "step-done" ? "done" : "failed", said: fact ?? reason }
}

function titleOf({ title, step }: JournalLine): string {
  return title ?? step?.kind ?? "a step without a name"
}
