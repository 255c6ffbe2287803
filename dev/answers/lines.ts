import * as z from "zod"
import { count } from "./parts.ts"

/** A line of `gonka-ha logs --json`. */
export const logLineSchema = z.strictObject({
  schema: z.literal("gonka-ha/log-line/v1"),
  source: z.string().describe("The node, or what else writes the log."),
  time: z.string().nullable().describe("When the engine took it, in UTC; null where it does not say."),
  text: z.string().describe("Without colours; whatever else a terminal would obey is written out."),
  lostChars: count.describe("Characters at its end that are left out."),
})

const of = (kind: string) => ({
  schema: z.literal("gonka-ha/event/v1"),
  at: z.string().describe("UTC."),
  kind: z.literal(kind),
  host: z.string().optional().describe("Where it is; left out when it is about no single host."),
})
const number = z.int().positive().describe("The step's place in the plan.")
const step = { number, of: z.int().positive().describe("Steps of the plan."), title: z.string() }
const elapsedMs = z.int().nonnegative().describe("Since the step, or the wait, began.")

/** A line of progress of a command that acts. */
export const eventSchema = z.discriminatedUnion("kind", [
  z.strictObject({ ...of("step-begins"), ...step }),
  z.strictObject({ ...of("step-done"), ...step, elapsedMs, fact: z.string().optional().describe("What was seen.") }),
  z.strictObject({ ...of("step-failed"), ...step, elapsedMs: elapsedMs.optional(), reason: z.string() }),
  z.strictObject({
    ...of("step-skipped"),
    number: number.optional(),
    title: z.string(),
    reason: z.string().describe("Why it is not done in this run."),
  }),
  z.strictObject({
    ...of("waiting"),
    number: number.optional(),
    what: z.string().describe("What is awaited."),
    now: z.string().describe("How it stands."),
    elapsedMs,
  }),
  z.strictObject({ ...of("note"), number: number.optional(), text: z.string() }),
])
