import * as z from "zod"
import { doctorChecksSchema, doctorReportSchema } from "../src/core/doctor/doctor-report.ts"
import { containersSchema } from "../src/core/observe/container-report.ts"
import { locksSchema } from "../src/core/observe/lock-report.ts"
import { planReportSchema } from "../src/core/plan/plan-report.ts"
import { diffSchema, generationsSchema, rollbackSchema } from "./answers/drift.ts"
import { errorSchema } from "./answers/error.ts"
import {
  checkImageSchema,
  configSchema,
  explainNodeSchema,
  explainSchema,
  graphSchema,
  keysSchema,
  renderSchema,
  validateSchema,
} from "./answers/files.ts"
import { eventSchema, logLineSchema } from "./answers/lines.ts"
import { downSchema, moveSchema, replaceSchema, restartSchema, resyncSchema, upSchema } from "./answers/moves.ts"
import { backupSchema, historySchema, restoreSchema } from "./answers/records.ts"
import { signerStateSchema, signerStatusSchema } from "./answers/signer.ts"
import { statusSchema } from "./answers/status.ts"

/** What a command answers with `--json`, by the name in its envelope. */
const ANSWERS: Readonly<Record<string, z.ZodType>> = {
  apply: upSchema.describe("What `gonka-ha apply` did."),
  backup: backupSchema.describe("What is in a backup: `gonka-ha signer restore --list`."),
  "check-image": checkImageSchema.describe("Every setting in which an image's own files differ from what gonka-ha knows."),
  config: configSchema.describe("Every value of the topology and where it comes from."),
  diff: diffSchema.describe("What on the hosts is not as it is rendered, or runs otherwise than it is installed."),
  doctor: doctorReportSchema.describe("Every check with what it found."),
  "doctor-checks": doctorChecksSchema.describe("Every check that there is."),
  down: downSchema.describe("What was taken down."),
  error: errorSchema.describe("What any command answers when it is refused or fails."),
  explain: explainSchema.describe("Rules for topology files."),
  "explain-node": explainNodeSchema.describe("Whether a node can be promoted now, and why not."),
  failover: moveSchema.describe("What `gonka-ha failover` did, or would do."),
  generations: generationsSchema.describe("What every host keeps to return to: `gonka-ha rollback --list`."),
  graph: graphSchema.describe("What a topology is made of, and who talks to whom."),
  history: historySchema.describe("Moves with their receipts, or what was done to hosts."),
  keys: keysSchema.describe("The public halves of the deployment's keys."),
  "lock-status": locksSchema.describe("Every lock of the deployment, and who has it."),
  plan: planReportSchema.describe("What `gonka-ha up` would do, by host, with causes, differences and costs."),
  promote: moveSchema.describe("What `gonka-ha promote` did, or would do."),
  ps: containersSchema.describe("Every container on every host, and whether it is what is rendered."),
  render: renderSchema.describe("What was rendered anew, or would be."),
  restart: restartSchema.describe("The node that was restarted and is fresh again."),
  resync: resyncSchema.describe("What `gonka-ha resync` did, or would do."),
  restore: restoreSchema.describe("What `gonka-ha signer restore` put back."),
  rollback: rollbackSchema.describe("What `gonka-ha rollback` did, or would do."),
  "signer-replace": replaceSchema.describe("What `gonka-ha signer replace` did, or would do."),
  "signer-state": signerStateSchema.describe("What each signer has signed so far."),
  "signer-status": signerStatusSchema.describe("Where each signer runs, and what keeps it from signing."),
  status: statusSchema.describe("Every node, who signs and how that is known."),
  up: upSchema.describe("What `gonka-ha up` did, or would do."),
  validate: validateSchema.describe("Everything that is to be said about a topology file."),
}

/** What is one line among many and has no envelope. */
const LINES: Readonly<Record<string, z.ZodType>> = {
  event: eventSchema.describe("A line of progress of a command that acts; the last line is the answer in its envelope."),
  "log-line": logLineSchema.describe("A line of `gonka-ha logs --json`."),
}

/** The JSON Schema (draft 2020-12) of each answer in its envelope, and of each line, as text, by the name of its file in schema/. */
export function answerSchemaTexts(): ReadonlyMap<string, string> {
  const answers = Object.entries(ANSWERS).map(
    ([name, data]) => [name, jsonSchema(`gonka-ha ${name} --json`, enveloped(name, data))] as const,
  )
  const lines = Object.entries(LINES).map(([name, line]) => [name, jsonSchema(`gonka-ha ${name}`, line)] as const)
  return new Map([...answers, ...lines].map(([name, schema]) => [`${name}.schema.json`, `${JSON.stringify(schema, null, 2)}\n`]))
}

function enveloped(name: string, data: z.ZodType): z.ZodType {
  return z.strictObject({
    schema: z.literal(`gonka-ha/${name}/v1`),
    time: z.string().describe("When it was answered, in UTC."),
    exitCode: z.int().describe("The code with which the command ends; `gonka-ha --help` lists them."),
    data,
  })
}

function jsonSchema(title: string, type: z.ZodType): unknown {
  const { $schema, ...schema } = z.toJSONSchema(type, {
    target: "draft-2020-12",
    override: ({ jsonSchema }) => {
      // The largest whole numbers of the platform are no limits that anybody meant.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
    },
  })
  return { $schema, title, ...schema }
}
