import * as z from "zod"
import type { DiffView } from "../../src/app/diff.ts"
import type { GenerationsView } from "../../src/app/rollback.ts"
import type { RollbackAnswer } from "../../src/cli/show-rollback.ts"
import { answerOf } from "./answer-of.ts"
import { upSchema } from "./moves.ts"
import { issue } from "./parts.ts"

const made = z.strictObject({
  operation: z.string().describe("Its name for `rollback --to`."),
  at: z.string().describe("In UTC."),
  by: z.string(),
})

export const rollbackSchema = answerOf<RollbackAnswer>()(z.strictObject({ to: made, ...upSchema.shape }))

export const generationsSchema = answerOf<GenerationsView>()(
  z.strictObject({
    hosts: z.array(
      z.strictObject({
        host: z.string(),
        kept: z.array(made).describe("The newest first; that is what was last installed as a whole."),
        unfinished: made.optional().describe("A push that is not known to have ended."),
      }),
    ),
    next: made.optional().describe("Where `rollback` returns to without a name."),
    nothing: z.array(issue).optional().describe("Why there is no way back."),
  }),
)

const setting = z.strictObject({
  key: z.string(),
  meant: z.string().optional().describe("As installed, or as rendered; left out when it is not set."),
  found: z.string().optional().describe("As it is; left out when it is not set."),
})

export const diffSchema = answerOf<DiffView>()(
  z.strictObject({
    effective: z.boolean().describe("Whether the processes were asked, too."),
    drifts: z.array(
      z.strictObject({
        host: z.string(),
        form: z
          .enum(["file", "container", "process"])
          .describe("Rendered against installed; the container's digest label against the rendered one; installed against running."),
        what: z.string().describe("A file's path, or the name of a service."),
        reason: z.string(),
        settings: z.array(setting),
        fix: z.string(),
      }),
    ),
    unseen: z.array(z.strictObject({ host: z.string(), what: z.string(), reason: z.string() })).describe("What could not be compared."),
  }),
)
