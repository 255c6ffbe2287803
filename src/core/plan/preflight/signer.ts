import type { Issue } from "../../issue.ts"
import { healthOf } from "../../observe/health.ts"
import type { Observed } from "../../observe/state.ts"
import { type WhoSigns, whoSigns } from "../../observe/who-signs.ts"
import type { Topology, Validator } from "../../topology.ts"
import type { PreflightFacts, Verb } from "./facts.ts"
import { refuse } from "./refusal.ts"
import { signerFileReasons } from "./signer-files.ts"
import { stateAndTipReasons } from "./state-and-tip.ts"

/** One signer, with the right key and a state that can be believed; and the verb that fits the node it signs through. */
export function signerReasons(
  topology: Topology,
  observed: Observed,
  validator: Validator,
  to: string,
  verb: Verb,
  facts: PreflightFacts,
): Issue[] {
  const who = whoSigns(topology, observed, validator)
  const ofFiles = () => {
    const reasons = signerFileReasons(observed, validator, who)
    // A state that is not believed anyway is not compared with the chain.
    return reasons.length > 0 ? reasons : stateAndTipReasons(topology, observed, validator, who, verb)
  }
  switch (who.kind) {
    case "conflict":
      return who.reasons.map((reason) => refuse(validator.name, reason, "stop and remove all but one signer before anything else"))
    case "unknown":
      return [refuse(validator.name, who.reason, "the signer's host is the one place that must be reachable to change who signs")]
    case "new":
      return [refuse(validator.name, "its signer is not set up yet", "run `gonka-ha up`")]
    case "stopped":
      return verb === "failover"
        ? ofFiles()
        : [refuse(validator.name, who.reason, "`gonka-ha up` starts it where it was; `gonka-ha failover` moves it")]
    case "active":
      return [
        ...ofFiles(),
        ...(verb === "promote" ? oldNodeReasons(topology, observed, who, to) : notLostReasons(topology, observed, who, to, facts)),
      ]
  }
}

/** Why a half-way operation must not go on now; what it changes is planned anew, so only the signer itself is judged. */
export function resumeReasons(topology: Topology, observed: Observed, validator: Validator, guard: PreflightFacts["guard"]): Issue[] {
  const who = whoSigns(topology, observed, validator)
  if (who.kind === "conflict")
    return who.reasons.map((reason) => refuse(validator.name, reason, "stop and remove all but one signer before anything else"))
  if (who.kind === "unknown") return [refuse(validator.name, who.reason, "make this clear first")]
  return [...signerFileReasons(observed, validator, who), ...guardReasons(validator, guard)]
}

export function guardReasons(validator: Validator, guard: PreflightFacts["guard"]): Issue[] {
  if (guard === undefined) return []
  if (guard.kind === "unknown")
    return [refuse(validator.name, `the guard could not be asked: ${guard.reason}`, "look at the signer's log on its host")]
  return guard.value === "ok" ? [] : [refuse(validator.name, guard.value.refusal, "a signer that is stopped now would not start again")]
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
