import * as z from "zod"
import type { ImageCheck } from "../../src/app/check-image.ts"
import type { PublicKeys } from "../../src/app/keys.ts"
import type { Promotable } from "../../src/app/promotable.ts"
import type { RenderedAnswer } from "../../src/cli/show-render.ts"
import type { FailureReport } from "../../src/core/domains/failure-report.ts"
import type { GraphView } from "../../src/core/graph/graph-view.ts"
import { NODE_VERSIONS } from "../../src/core/node-keys/versions.ts"
import type { ValueOrigin } from "../../src/core/spec/explained.ts"
import type { ExplainedRule } from "../../src/core/spec/rules/explained.ts"
import type { Suppressed } from "../../src/core/spec/suppress.ts"
import { answerOf, looseAnswerOf } from "./answer-of.ts"
import { count, exitCode, issue } from "./parts.ts"

const stop = z.enum(["signing-for-good", "signing-until-signer-replace", "signing-until-promote", "api", "public-rpc"])
const loss = z.enum([...stop.options, "nothing"])

const domain = z.strictObject({
  kind: z.enum(["host", "rack", "site", "provider"]),
  name: z.string(),
  provider: z.string().optional(),
  site: z.string().optional(),
  hosts: z.array(z.string()),
})

const domains = answerOf<FailureReport>()(
  z.strictObject({
    verdict: loss.describe("The worst that the loss of any one of them stops."),
    losses: z.array(
      z.strictObject({
        domain,
        verdict: loss,
        stops: z.array(z.strictObject({ kind: stop, affects: z.array(z.string()), reason: z.string() })),
        reduced: z.array(z.strictObject({ what: z.string(), left: count, of: count })),
      }),
    ),
    unplaced: z
      .strictObject({ provider: z.array(z.string()), site: z.array(z.string()) })
      .describe("Hosts that do not say where they are."),
  }),
)

const suppressed = answerOf<Suppressed>()(z.strictObject({ issue, reason: z.string() }))

export const validateSchema = z.strictObject({
  file: z.string(),
  issues: z.array(issue).describe("In the order of files and lines."),
  suppressed: z.array(suppressed).describe("Warnings that the file accepts."),
  domains: domains.optional().describe("With --domains: what the loss of each failure domain stops."),
})

const origin = answerOf<ValueOrigin>()(
  z.strictObject({
    kind: z.enum(["built in", "profile", "spec", "overlay", "computed"]),
    name: z.string().describe("Of the profile, or of the file."),
    line: z.int().positive().optional(),
  }),
)

export const configSchema = z.array(
  z.strictObject({ path: z.string().describe("Dotted."), value: z.unknown().describe("As it can be written in the file."), origin }),
)

const graphNode = z.strictObject({
  id: z.string().describe("Kind and name; names alone are not unique."),
  kind: z.enum(["network", "users", "entry-point", "sentry", "private", "api", "signer"]),
  name: z.string(),
  host: z.string().optional().describe("Absent for the world outside."),
})

const graphEdge = z.strictObject({
  kind: z.enum(["network", "users", "p2p", "queries", "reads", "privval"]),
  from: z.string().describe("Id of a node: from the world's side to the side of the keys, whoever dials whom."),
  to: z.string(),
  standby: z.boolean().describe("Of what waits: a standby of a signer or of an api."),
  services: z
    .array(z.enum(["rpc", "rest", "grpc"]))
    .optional()
    .describe("Of queries: which of them are passed on."),
})

export const graphSchema = answerOf<GraphView>()(
  z.strictObject({
    deployment: z.string(),
    chain: z.string().optional(),
    hosts: z.array(
      z.strictObject({
        name: z.string(),
        private: z.string().optional().describe("Its address, as for `public`."),
        public: z.string().optional(),
        provider: z.string().optional(),
        site: z.string().optional(),
        rack: z.string().optional(),
      }),
    ),
    nodes: z.array(graphNode),
    edges: z
      .array(graphEdge)
      .describe("Not among them, as in the picture: parking signers, and peers among the sentries and among the private nodes."),
  }),
)

export const keysSchema = answerOf<PublicKeys>()(
  z.strictObject({
    deployment: z.string(),
    nodes: z.array(z.strictObject({ name: z.string(), role: z.string(), host: z.string(), id: z.string() })),
    validators: z.array(
      z.strictObject({
        name: z.string(),
        address: z.string(),
        consensusAddress: z.string(),
        pubkey: z.string(),
        keyHere: z.boolean().describe("Whether the private half is on this machine, too."),
      }),
    ),
  }),
)

export const renderSchema = answerOf<RenderedAnswer>()(
  z.strictObject({
    dir: z.string().describe("Where the files are."),
    written: z.boolean().describe("False with --check, which only tells what would change."),
    changes: z.array(
      z.strictObject({ path: z.string().describe("Below the directory: HOST/FILE."), change: z.enum(["added", "changed", "removed"]) }),
    ),
  }),
)

const example = z.strictObject({
  yaml: z.string(),
  without: z.array(z.string()).optional().describe("Dotted paths that are taken out of the good example first."),
})

const rule = answerOf<ExplainedRule>()(
  z.strictObject({
    id: z.string(),
    severity: z.enum(["error", "warning"]),
    title: z.string(),
    why: z.string(),
    fix: z.string(),
    bad: example.optional(),
    good: example,
  }),
)

export const explainSchema = z.strictObject({ rules: z.array(rule) })

export const explainNodeSchema = answerOf<Promotable>()(
  z.strictObject({
    node: z.string(),
    validators: z
      .array(
        z.strictObject({
          validator: z.string(),
          verdict: z.enum(["active", "promotable", "refused"]),
          signsThrough: z.string().optional(),
          issues: z.array(issue),
        }),
      )
      .describe("One for each validator whose candidate it is."),
    issues: z.array(issue).describe("Why no validator can be moved to it at all."),
    exitCode,
  }),
)

const setting = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])
const file = z.enum(["config", "app"])
const ofImage = z.unknown().describe("Of any form.")

export const checkImageSchema = looseAnswerOf<ImageCheck>()(
  z.strictObject({
    image: z.string(),
    host: z.string(),
    binary: z.string(),
    version: z.enum(NODE_VERSIONS),
    settings: count.describe("How many were compared."),
    differences: z.array(
      z.discriminatedUnion("kind", [
        z.strictObject({ kind: z.literal("image-only"), file, key: z.string(), image: ofImage.optional() }),
        z.strictObject({ kind: z.literal("ours-only"), file, key: z.string(), ours: setting }),
        z.strictObject({ kind: z.literal("default"), file, key: z.string(), ours: setting, image: ofImage.optional() }),
      ]),
    ),
    equalTo: z.array(z.enum(NODE_VERSIONS)).describe("Other versions whose settings are exactly those of the image."),
  }),
)
