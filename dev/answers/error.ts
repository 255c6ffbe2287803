import * as z from "zod"
import type { ErrorAnswer } from "../../src/cli/json-error.ts"
import { looseAnswerOf } from "./answer-of.ts"
import { issue } from "./parts.ts"

export const errorSchema = looseAnswerOf<ErrorAnswer>()(
  z.strictObject({
    command: z.string().describe("Its words, such as signer status."),
    code: z.string().describe("Such as REFUSED or HOST_UNREACHABLE; BUG for what nobody expected."),
    message: z.string(),
    hint: z.string().optional().describe("What to do next."),
    issues: z.array(issue).describe("Everything that stands against it."),
  }),
)
