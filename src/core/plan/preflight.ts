import type { Issue } from "../issue.ts"
import { chainTip, everythingIsStale, healthOf } from "../observe/health.ts"
import { jailBudget } from "../observe/jail-budget.ts"
import { type Observed, type Reading, valueIn } from "../observe/state.ts"
import { foreignSignatures, stateProblem } from "../observe/state-problem.ts"
import { type WhoSigns, whoSigns } from "../observe/who-signs.ts"
import type { FileSet } from "../render/fileset.ts"
import { layout } from "../render/layout.ts"
import { nodeOf, type Topology, type Validator } from "../topology.ts"
import { isParked } from "./parked.ts"
import type { Step } from "./step.ts"

export type Verb = "promote" | "failover"

/** Missed blocks that a verb is expected to cost: a planned swap none, one on a bad day; a failover what is already lost and one more. */
export const EXPECTED_COST_BLOCKS: Readonly<Record<Verb, number>> = { promote: 1, failover: 2 }

/** Facts that one look cannot give. */
export type PreflightFacts = {
  /** What the guard itself says about key, state, floor and fence; undefined when no signer runs, since the guard then speaks at its start. */
  readonly guard: Reading<"ok" | { readonly refusal: string }> | undefined
  /** Whether blocks of right now carry our signature; undefined when the active node answers for itself. */
  readonly stillSigning: Reading<boolean> | undefined
  /** How many blocks the target gained while the chain gained at least one; undefined when it may wait for the stopped signer. */
  readonly targetGained: Reading<number> | undefined
}

/** Every reason why this validator must not be moved now; empty means go. */
export function preflight(
  topology: Topology,
  observed: Observed,
  validator: Validator,
  to: string,
  verb: Verb,
  facts: PreflightFacts,
): Issue[] {
  return [
    ...signerReasons(topology, observed, validator, to, verb, facts),
    ...guardReasons(validator, facts.guard),
    ...targetReasons(topology, observed, validator, to, verb, facts),
    ...witnessReasons(topology, observed),
    ...budgetReasons(topology, observed, validator, verb),
  ]
}

/** The files that the signer will start on, brought to what is rendered: a failover cannot wait for an `up` that a lost host holds up. */
export function installSteps(files: FileSet, observed: Observed, validator: Validator): Step[] {
  const paths = outdatedFiles(files, observed, validator)
  return paths.length === 0
    ? []
    : [
        {
          kind: "files.push",
          args: { host: validator.signerHost, paths },
          cause: "the signer starts on what is rendered, and the lost host holds up an `up`",
        },
      ]
}

/** The signer will start on the files of its own host: they must be the rendered ones, or it is found out only when it is stopped. */
export function installReasons(files: FileSet, observed: Observed, validator: Validator): Issue[] {
  return outdatedFiles(files, observed, validator).map((path) =>
    refuse(validator.name, `${path} on ${validator.signerHost} is not what is rendered`, "run `gonka-ha up`"),
  )
}

function outdatedFiles(files: FileSet, observed: Observed, validator: Validator): readonly string[] {
  const installed = valueIn(observed.hosts.get(validator.signerHost))?.files
  const dir = `${layout.signer.config(validator.name)}/`
  return (files.get(validator.signerHost)?.files ?? [])
    .filter((file) => file.path.startsWith(dir) && installed?.get(file.path) !== file.sha256)
    .map((file) => file.path)
}

/** Why a half-way operation must not go on now; what it changes is planned anew, so only the signer itself is judged. */
export function resumeReasons(topology: Topology, observed: Observed, validator: Validator, guard: PreflightFacts["guard"]): Issue[] {
  const who = whoSigns(topology, observed, validator)
  if (who.kind === "conflict")
    return who.reasons.map((reason) => refuse(validator.name, reason, "stop and remove all but one signer before anything else"))
  if (who.kind === "unknown") return [refuse(validator.name, who.reason, "make this clear first")]
  return [...stateReasons(observed, validator, who), ...guardReasons(validator, guard)]
}

function refuse(path: string, message: string, fix: string): Issue {
  return { severity: "error", path, message, fix }
}

function signerReasons(
  topology: Topology,
  observed: Observed,
  validator: Validator,
  to: string,
  verb: Verb,
  facts: PreflightFacts,
): Issue[] {
  const who = whoSigns(topology, observed, validator)
  switch (who.kind) {
    case "conflict":
      return who.reasons.map((reason) => refuse(validator.name, reason, "stop and remove all but one signer before anything else"))
    case "unknown":
      return [refuse(validator.name, who.reason, "the signer's host is the one place that must be reachable to change who signs")]
    case "new":
      return [refuse(validator.name, "its signer is not set up yet", "run `gonka-ha up`")]
    case "stopped":
      return verb === "failover"
        ? stateReasons(observed, validator, who)
        : [refuse(validator.name, who.reason, "`gonka-ha up` starts it where it was; `gonka-ha failover` moves it")]
    case "active":
      return [
        ...stateReasons(observed, validator, who),
        ...(verb === "promote" ? oldNodeReasons(topology, observed, who, to) : notLostReasons(topology, observed, who, to, facts)),
      ]
  }
}

function stateReasons(observed: Observed, validator: Validator, who: WhoSigns): Issue[] {
  const files = valueIn(observed.hosts.get(validator.signerHost))?.signers.get(validator.name)
  const reasons: Issue[] = []
  if (files?.fence !== undefined)
    reasons.push(refuse(validator.name, `the signer is fenced: ${files.fence}`, "remove the fence only when you know why it is there"))
  const stopped = who.kind === "stopped"
  const problem = stateProblem(files) ?? (stopped ? foreignSignatures(observed, validator) : undefined)
  if (problem) reasons.push(refuse(validator.name, problem.message, problem.fix))
  if (validator.provider.kind !== "softsign")
    reasons.push(
      refuse(
        validator.name,
        `gonka-ha has never moved a signer with a ${validator.provider.kind}`,
        "move it by hand after the runbook of its host",
      ),
    )
  else if (files?.keySha256 === undefined)
    reasons.push(
      refuse(validator.name, "the consensus key is missing on the signer's host", "put it back from your backup; never make a new one"),
    )
  return reasons
}

function oldNodeReasons(topology: Topology, observed: Observed, who: Extract<WhoSigns, { kind: "active" }>, to: string): Issue[] {
  const health = healthOf(observed, who.node, topology.policy)
  const useFailover = `if ${who.node} is lost, run \`gonka-ha failover ${to}\``
  if (health.verdict === "unknown" || health.verdict === "stale")
    return [refuse(who.node, `the active node is ${health.verdict}: ${health.reasons.join("; ")}`, useFailover)]
  return who.attached ? [] : [refuse(who.node, "the signer is not connected to the active node", useFailover)]
}

/** A failover is only for an active node that is lost; a node that merely cannot be reached from here may still sign. */
function notLostReasons(
  topology: Topology,
  observed: Observed,
  who: Extract<WhoSigns, { kind: "active" }>,
  to: string,
  facts: PreflightFacts,
): Issue[] {
  const usePromote = `run \`gonka-ha promote ${to}\` if you want to move the validator`
  const health = healthOf(observed, who.node, topology.policy)
  if (health.verdict === "fresh" && who.attached)
    return [refuse(who.node, "the active node is healthy: there is nothing to fail over", usePromote)]
  if (facts.stillSigning?.kind === "unknown")
    return [refuse(who.node, `whether it still signs is not known: ${facts.stillSigning.reason}`, "make a sentry reachable")]
  return facts.stillSigning?.value
    ? [
        refuse(
          who.node,
          "its management does not answer, but the chain shows that the validator signs on",
          "repair the way to the node; nothing is being missed",
        ),
      ]
    : []
}

function guardReasons(validator: Validator, guard: PreflightFacts["guard"]): Issue[] {
  if (guard === undefined) return []
  if (guard.kind === "unknown")
    return [refuse(validator.name, `the guard could not be asked: ${guard.reason}`, "look at the signer's log on its host")]
  return guard.value === "ok" ? [] : [refuse(validator.name, guard.value.refusal, "a signer that is stopped now would not start again")]
}

function targetReasons(
  topology: Topology,
  observed: Observed,
  validator: Validator,
  to: string,
  verb: Verb,
  facts: PreflightFacts,
): Issue[] {
  const node = nodeOf(topology, to)
  const host = observed.hosts.get(node.host)
  const seen = observed.nodes.get(to)
  const health = healthOf(observed, to, topology.policy)
  const reasons: Issue[] = []
  if (!host || host.kind === "unknown")
    return [refuse(to, `its host cannot be asked: ${host?.reason ?? "not observed"}`, "choose a node whose host answers")]
  // With the signer stopped, a node that waits for it stands still: it is parked and catches up as part of the failover.
  const catchesUpFirst = verb === "failover" && whoSigns(topology, observed, validator).kind === "stopped" && seen?.kind === "seen"
  if (health.verdict !== "fresh" && !catchesUpFirst)
    reasons.push(refuse(to, `is ${health.verdict}: ${health.reasons.join("; ")}`, "wait until it is fresh, or choose another candidate"))
  if (!isParked(topology, host.value, node) && !catchesUpFirst)
    reasons.push(refuse(to, "its parking signer does not hold its port, so it cannot take over without a restart", "run `gonka-ha up`"))
  if (!catchesUpFirst) reasons.push(...progressReasons(to, facts))
  if (seen?.kind === "seen") {
    if (seen.value.network !== topology.chain.id)
      reasons.push(
        refuse(to, `is on the chain ${seen.value.network}, not ${topology.chain.id}`, "its data directory belongs to another chain"),
      )
    const others = topology.nodes.flatMap((other) => valueIn(observed.nodes.get(other.name))?.version ?? [])
    const odd = others.find((version) => version !== seen.value.version)
    if (odd !== undefined)
      reasons.push(refuse(to, `runs version ${seen.value.version} while another node runs ${odd}`, "bring all nodes to one version first"))
    const sentries = topology.nodes.filter((other) => other.role === "sentry")
    const connected = sentries.filter((sentry) => seen.value.peerIds.includes(sentry.id))
    if (connected.length === 0 && !catchesUpFirst)
      reasons.push(refuse(to, "is connected to no sentry", "check the private network between it and the sentries"))
  }
  const rival = topology.validators.find((other) => other.name !== validator.name && seatOf(topology, observed, other).includes(to))
  if (rival)
    reasons.push(refuse(to, `is the active node of validator ${rival.name}: one port holds one signer`, "choose another candidate"))
  return reasons
}

function progressReasons(to: string, { targetGained }: PreflightFacts): Issue[] {
  if (!targetGained) return []
  if (targetGained.kind === "unknown")
    return [refuse(to, `its progress is not known: ${targetGained.reason}`, "wait until the chain moves, then try again")]
  return targetGained.value < 1 ? [refuse(to, "gained no block while the chain did", "wait until it follows the chain")] : []
}

/** Nodes at which a validator's signer runs, would run, or is about to: one that is stopped for a moment comes back to its place. */
function seatOf(topology: Topology, observed: Observed, validator: Validator): readonly string[] {
  const who = whoSigns(topology, observed, validator)
  const pending = valueIn(observed.hosts.get(validator.signerHost))?.signers.get(validator.name)?.operation
  const node = who.kind === "active" ? who.node : who.kind === "stopped" ? who.aim : undefined
  return [node, pending?.to].filter((seat) => seat !== undefined)
}

function witnessReasons(topology: Topology, observed: Observed): Issue[] {
  const tip = chainTip(observed)
  if (!tip) return [refuse("chain", "no node answers, so nothing can be verified", "check the hosts with `gonka-ha status`")]
  if (everythingIsStale(observed, topology.policy))
    return [refuse("chain", "every node is stale at once: the chain or our uplink stands still", "wait; moving the signer would not help")]
  const witnesses = topology.nodes.filter(
    (node) => node.role === "sentry" && healthOf(observed, node.name, topology.policy).verdict === "fresh",
  )
  return witnesses.length > 0
    ? []
    : [refuse("chain", "no sentry is fresh, so no other node can witness the move", "bring a sentry back first")]
}

function budgetReasons(topology: Topology, observed: Observed, validator: Validator, verb: Verb): Issue[] {
  const slashing = observed.slashing.get(validator.name)
  if (!slashing || slashing.kind === "unknown")
    return [refuse(validator.name, `the jail budget is not known: ${slashing?.reason ?? "not asked"}`, "bring a node back that can tell")]
  if (slashing.value.record?.tombstoned)
    return [refuse(validator.name, "is tombstoned: this key can never sign again", "a new validator needs a new key")]
  const budget = jailBudget(slashing.value, topology.chain.blockMs)
  // A failover is for the moment when the budget runs out; holding it back for want of budget would only lose the rest.
  if (!budget || verb === "failover") return []
  const needed = EXPECTED_COST_BLOCKS[verb] + topology.policy.jailReserveBlocks
  return budget.leftBlocks >= needed
    ? []
    : [
        refuse(
          validator.name,
          `${budget.leftBlocks} blocks are left until jail, and ${needed} are needed: ${EXPECTED_COST_BLOCKS[verb]} for the move, ${topology.policy.jailReserveBlocks} in reserve`,
          "wait until missed blocks leave the window, or lower policy.jailReserveBlocks",
        ),
      ]
}
