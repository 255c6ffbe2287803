import * as z from "zod"

const hunk = z.strictObject({
  line: z.int().positive().describe("Where it begins in the rendered file."),
  section: z.string().optional().describe("The table of a TOML file, or the service of a compose file, that it lies in."),
  removed: z.array(z.string()),
  added: z.array(z.string()),
})

const key = z.strictObject({
  key: z.string().describe("In Compose's words, such as image or environment.NAME."),
  before: z.string().optional().describe("Left out when it was not set."),
  after: z.string().optional().describe("Left out when it is not set any more."),
})

const fileDifference = z.strictObject({
  kind: z.literal("file"),
  path: z.string().describe("Relative to the deployment's directory on the host."),
  change: z.enum(["new", "changed"]),
  hunks: z.array(hunk).optional().describe("Rendered against installed; left out of new files, and where it is not known."),
  unknown: z.string().optional().describe("Why the lines of a changed file are not known."),
})

const secretDifference = z.strictObject({
  kind: z.literal("secret"),
  path: z.string().describe("Not there yet; what it holds is never shown."),
})

const containerDifference = z.strictObject({
  kind: z.literal("container"),
  service: z.string(),
  digest: z.strictObject({ running: z.string(), rendered: z.string() }).describe("Over the definition and the mounted files."),
  keys: z.array(key).optional().describe("Settings that differ; left out where they are not known."),
  files: z.array(z.string()).describe("Mounted files that differ from the rendered ones."),
  unknown: z.string().optional().describe("Why the settings are not known."),
})

const difference = z.discriminatedUnion("kind", [fileDifference, secretDifference, containerDifference])

const restart = z.strictObject({
  service: z.string(),
  awayMs: z.number().optional().describe("Milliseconds that it is away, an estimate; left out where nobody waits for it."),
  cost: z.string().describe("What the restart costs, in words."),
})

const step = z.strictObject({
  number: z.int().positive().describe("Its place in the order in which all steps are done."),
  kind: z.string(),
  title: z.string(),
  cause: z.string(),
  changes: z.boolean().describe("False when it only waits for something or looks at it."),
  differences: z.array(difference),
  restart: restart.optional(),
})

/** The answer of `gonka-ha plan --json`: what `up` would do, why, and what that costs. */
export const planReportSchema = z.strictObject({
  deployment: z.string(),
  chain: z.string(),
  hosts: z
    .array(z.strictObject({ host: z.string(), steps: z.array(step) }))
    .describe("Hosts with something to do, in the order of their names."),
  heldBack: z
    .array(
      z.strictObject({
        path: z.string().describe("A node, validator or host."),
        message: z.string(),
        fix: z.string().optional(),
        differences: z.array(difference),
        restart: restart.optional().describe("What it would cost to do it all the same."),
      }),
    )
    .describe("What differs and is not touched."),
  moves: z
    .array(
      z.strictObject({
        validator: z.string(),
        from: z.string(),
        to: z.string(),
        title: z.string(),
        cause: z.string(),
        differences: z.array(difference).describe("What is changed at the node that is left."),
        cost: z.string(),
      }),
    )
    .describe("Promotions, after everything else, so that a changed active node is restarted without a missed block."),
  summary: z.strictObject({
    changes: z.int().describe("Steps that change something."),
    hosts: z.int().describe("Hosts on which they do."),
    restarts: z.int(),
    moves: z.int(),
    heldBack: z.int(),
  }),
})

export type PlanReport = z.output<typeof planReportSchema>
export type Difference = z.output<typeof difference>
export type FileDifference = z.output<typeof fileDifference>
export type ContainerDifference = z.output<typeof containerDifference>
export type StepReport = z.output<typeof step>
