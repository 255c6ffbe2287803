import { AppError, EXIT, type ExitCode } from "../core/errors.ts"
import { hasErrors, type Issue } from "../core/issue.ts"
import { nearestName } from "../core/nearest-name.ts"
import type { Observed } from "../core/observe/state.ts"
import { whoSigns } from "../core/observe/who-signs.ts"
import { installReasons } from "../core/plan/preflight/install.ts"
import { refuse, warn } from "../core/plan/preflight/refusal.ts"
import { preflight } from "../core/plan/preflight.ts"
import { type Topology, type Validator, validatorOf } from "../core/topology.ts"
import { collect } from "./collect.ts"
import type { Deployment } from "./deployment.ts"
import { pendingOf } from "./pending.ts"
import { gatherFacts } from "./preflight-facts.ts"

export type Verdict = "active" | "promotable" | "refused"

/** What a planned promotion of one validator to the node would meet at this moment. */
export type ForValidator = {
  readonly validator: string
  readonly verdict: Verdict
  /** The node that the validator signs through; undefined when it does not, or when that is not known. */
  readonly signsThrough: string | undefined
  readonly issues: readonly Issue[]
}

export type Promotable = {
  readonly node: string
  /** One for each validator whose candidate it is. */
  readonly validators: readonly ForValidator[]
  /** Why no validator can be moved to it at all. */
  readonly issues: readonly Issue[]
  readonly exitCode: ExitCode
}

/** Whether the node could be promoted now, and every reason why not. Takes about a block, and changes nothing. @throws AppError USAGE */
export async function promotable(deployment: Deployment, name: string): Promise<Promotable> {
  const { topology } = deployment
  const node = topology.nodes.find((each) => each.name === name)
  if (!node) throw unknownNode(topology, name)
  if (node.candidateOf.length === 0) return { node: name, validators: [], issues: [noCandidate(topology, name)], exitCode: EXIT.refused }
  const observed = await collect(deployment)
  const validators = await Promise.all(
    node.candidateOf.map((validator) => forValidator(deployment, observed, validatorOf(topology, validator), name)),
  )
  const exitCode = validators.some(({ verdict }) => verdict === "refused") ? EXIT.refused : EXIT.ok
  return { node: name, validators, issues: [], exitCode }
}

async function forValidator(deployment: Deployment, observed: Observed, validator: Validator, node: string): Promise<ForValidator> {
  const { topology, files } = deployment
  const who = whoSigns(topology, observed, validator)
  const signsThrough = who.kind === "active" ? who.node : undefined
  const pending = pendingOf(observed, validator)
  if (who.kind === "active" && who.node === node && !pending)
    return {
      validator: validator.name,
      verdict: "active",
      signsThrough,
      issues: who.attached
        ? []
        : [warn(validator.name, `its signer is aimed at ${node} and not connected to it`, "`gonka-ha status` shows what the node does")],
    }
  const facts = await gatherFacts(deployment, observed, validator, node, "promote")
  const issues = [
    ...(pending
      ? [
          refuse(
            validator.name,
            `${pending.kind} to ${pending.to} was begun ${pending.since} by ${pending.by} and not finished`,
            "run `gonka-ha promote --resume`, or `--abort` to take it back",
          ),
        ]
      : []),
    ...preflight(topology, observed, validator, node, "promote", facts),
    ...installReasons(topology, files, observed, validator),
  ]
  return { validator: validator.name, verdict: hasErrors(issues) ? "refused" : "promotable", signsThrough, issues }
}

function noCandidate(topology: Topology, name: string): Issue {
  return refuse(
    name,
    "is a candidate of no validator, so no validator is ever moved to it",
    `candidates are ${candidatesOf(topology).join(", ")}; validators.NAME.candidates lists them`,
  )
}

function candidatesOf({ nodes }: Topology): readonly string[] {
  return nodes.filter(({ candidateOf }) => candidateOf.length > 0).map(({ name }) => name)
}

function unknownNode({ nodes }: Topology, name: string): AppError {
  const names = nodes.map((node) => node.name)
  const meant = nearestName(name, names)
  return new AppError("USAGE", EXIT.usage, `there is no rule and no node ${name}`, {
    hint: `${meant === undefined ? "" : `did you mean ${meant}? `}nodes: ${names.join(", ")}; \`gonka-ha explain\` lists all rules`,
  })
}
