import { durationText } from "../../duration.ts"
import type { Issue } from "../../issue.ts"
import { healthOf } from "../../observe/health.ts"
import { type Observed, valueIn } from "../../observe/state.ts"
import { whoSigns } from "../../observe/who-signs.ts"
import { nodeOf, type Topology, type Validator } from "../../topology.ts"
import { isParked } from "../parked.ts"
import { runsPlain } from "../plain.ts"
import { rivalAt } from "../rival.ts"
import type { PreflightFacts, Verb } from "./facts.ts"
import { refuse } from "./refusal.ts"

/** The node that is to sign: fresh, parked or a plain standby, following, on the same chain and version, connected, and nobody else's. */
export function targetReasons(
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
  if (!isParked(topology, host.value, node) && !runsPlain(topology, host.value, node) && !catchesUpFirst)
    reasons.push(refuse(to, "its parking signer does not hold its port, so it cannot take over without a restart", "run `gonka-ha up`"))
  if (!catchesUpFirst) reasons.push(...watchReasons(topology, to, health.verdict === "fresh", facts))
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
  const rival = rivalAt(topology, observed, validator, to)
  if (rival)
    reasons.push(refuse(to, `is the active node of validator ${rival.name}: one port holds one signer`, "choose another candidate"))
  return reasons
}

/** One look may be luck: it must have been fresh in every look over at least one block. */
function watchReasons({ policy }: Topology, to: string, isFresh: boolean, { target }: PreflightFacts): Issue[] {
  if (!target) return []
  if (target.kind === "unknown")
    return [refuse(to, `its progress is not known: ${target.reason}`, "wait until the chain moves, then try again")]
  const { gained, looks, worstLagBlocks, worstAgeMs } = target.value
  if (gained < 1) return [refuse(to, "gained no block while the chain did", "wait until it follows the chain")]
  // A node that is not fresh in the first place has been told so.
  if (!isFresh) return []
  const fix = "wait until it follows steadily, or choose another candidate"
  const reasons: Issue[] = []
  if (worstLagBlocks > policy.maxLagBlocks)
    reasons.push(refuse(to, `was ${worstLagBlocks} blocks behind in one of ${looks} looks, limit ${policy.maxLagBlocks}`, fix))
  if (!(worstAgeMs <= policy.freshnessMs))
    reasons.push(
      refuse(
        to,
        `its newest block was ${durationText(worstAgeMs)} old in one of ${looks} looks, limit ${durationText(policy.freshnessMs)}`,
        fix,
      ),
    )
  return reasons
}
