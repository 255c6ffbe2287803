import * as z from "zod"
import { EXIT } from "../errors.ts"

const verdict = z.enum(["ok", "warn", "bad", "unknown"])
const scope = z.enum(["host", "node", "validator", "deployment"]).describe("What the subjects of the check are.")
const count = z.int().nonnegative()

const about = {
  id: z.string().describe("AREA.WORD; stable."),
  title: z.string().describe("What must hold."),
  why: z.string().describe("What hurts when it does not hold."),
  scope,
  fix: z.string(),
}

const finding = z.strictObject({
  subject: z.string().describe("The host, node or validator, or the deployment."),
  verdict,
  measured: z.string().describe("What was measured, or why it is not known."),
})

const examined = z.strictObject({
  ...about,
  threshold: z.string().describe("The limit, in words and numbers."),
  recheck: z.string().describe("The command that asks again."),
  verdict: verdict.describe("The worst of its findings: bad before warn before unknown before ok; ok when it applies to nothing."),
  findings: z.array(finding).describe("One per subject, also where it is ok."),
})

const cell = z.enum(["as wanted", "open", "closed", "unknown", "self", "nothing"])

/** The answer of `gonka-ha doctor --json`. */
export const doctorReportSchema = z.strictObject({
  deployment: z.string(),
  chain: z.string(),
  count: z.strictObject({ checks: count, ok: count, warn: count, bad: count, unknown: count }),
  checks: z.array(examined),
  matrix: z
    .strictObject({ hosts: z.array(z.string()), rows: z.array(z.array(cell)) })
    .describe(
      "How each host (rows) finds the ports of each other one (columns); open and closed are against what must be, nothing means that there was nothing to try.",
    ),
  exitCode: z.literal([EXIT.ok, EXIT.degraded, EXIT.critical]),
})

/** The answer of `gonka-ha doctor --list --json`. */
export const doctorChecksSchema = z.strictObject({ checks: z.array(z.strictObject(about)) })

export type DoctorReport = z.output<typeof doctorReportSchema>
/** A check with what it found. */
export type Examined = z.output<typeof examined>
export type Finding = z.output<typeof finding>
/** The worst of several counts: bad before warn before unknown before ok. */
export type Verdict = z.output<typeof verdict>
export type Scope = z.output<typeof scope>
/** All ports of one host as seen from another one, in a word. */
export type Cell = z.output<typeof cell>
