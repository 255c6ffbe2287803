import { healthOf, positionOf } from "../observe/health.ts"
import { type Observed, valueIn } from "../observe/state.ts"
import { containerOf, whoSigns } from "../observe/who-signs.ts"
import type { FileSet } from "../render/fileset.ts"
import { type ChainNode, nodeOf, serviceName, type Topology, type Validator } from "../topology.ts"
import { isParked } from "./parked.ts"
import { lacksPort, type ToPlain, toPlain } from "./plain.ts"
import { rivalAt } from "./rival.ts"
import type { Step, SwapTiming } from "./step.ts"
import { planSwap } from "./swap.ts"

/** Canonical commits of ours above the signer's state that end a promotion. */
const VERIFY_BLOCKS = 2

/**
 * The steps that bring a validator to a node, from wherever it is now. Asked again after an interruption it gives what is left to do:
 * the world decides, not a remembered position.
 *
 * @param origin the node that the validator came from when the operation began; it is parked at the end
 * @param timing whether the pause between two blocks is waited for while the old node is alive
 * @param staysAsItIs whether an outdated container of the signer is kept
 */
export function planPromote(
  topology: Topology,
  files: FileSet,
  observed: Observed,
  validator: Validator,
  to: string,
  origin: string | undefined,
  timing: SwapTiming = "in-gap",
  staysAsItIs = false,
): Step[] {
  // A plan is only made of what is known; the caller has refused everything else.
  const who = whoSigns(topology, observed, validator)
  const signerHost = valueIn(observed.hosts.get(validator.signerHost))
  const state = signerHost?.signers.get(validator.name)?.state
  const target = nodeOf(topology, to)
  const targetHost = valueIn(observed.hosts.get(target.host))
  const service = serviceName.signer(validator.name)
  const container = signerHost ? containerOf(topology, signerHost, service) : undefined
  const aim = who.kind === "active" ? who.node : who.kind === "stopped" ? who.aim : undefined
  const from = aim === to ? origin : (aim ?? origin)
  const fromNode = topology.nodes.find((node) => node.name === from)
  const fromHost = fromNode?.host
  // Another validator may have moved there since: then its port is not ours to give away.
  const isTaken = from !== undefined && rivalAt(topology, observed, validator, from) !== undefined
  const fromHealth = from === undefined ? undefined : healthOf(observed, from, topology.policy).verdict
  const fromAnswers = from !== undefined && observed.nodes.get(from)?.kind === "seen"
  return planSwap({
    validator: validator.name,
    to,
    from,
    signer:
      who.kind === "active"
        ? who.node === to
          ? { kind: "at-target" }
          : { kind: "running", fromIsAlive: (fromHealth === "fresh" || fromHealth === "lagging") && signsNow(observed, validator) }
        : { kind: "stopped", state: state?.kind === "ok" ? state.state : undefined },
    toIsParked: isParked(topology, targetHost, target),
    toLacksPort: lacksPort(topology, targetHost, target),
    toHost: target.host,
    toOwner: targetHost?.owners.get(to),
    toSeen: positionOf(observed, to),
    fromHost: fromHost !== undefined && !isTaken && observed.hosts.get(fromHost)?.kind === "seen" ? fromHost : undefined,
    fromAnswers,
    fromToPlain: fromNode && plainAgain(topology, files, observed, fromNode, fromAnswers),
    verifyBlocks: VERIFY_BLOCKS,
    container:
      container === undefined
        ? "missing"
        : staysAsItIs || container.digest === files.get(validator.signerHost)?.serviceDigests.get(service)
          ? "current"
          : "outdated",
    // While its state has not moved on, it may always serve again the node that it last served.
    wayBack: aim === to ? undefined : aim,
    timing,
    signerHost: validator.signerHost,
  })
}

/**
 * A node that was left is only made plain when it runs on what is rendered, so that it knows how, and when it answers: one that does not is
 * parked for its return, and `up` makes it plain.
 */
function plainAgain(topology: Topology, files: FileSet, observed: Observed, node: ChainNode, answers: boolean): ToPlain | undefined {
  const host = valueIn(observed.hosts.get(node.host))
  const service = serviceName.node(node.name)
  const digest = host && containerOf(topology, host, service)?.digest
  if (topology.policy.standby !== "plain" || digest === undefined || digest !== files.get(node.host)?.serviceDigests.get(service))
    return undefined
  const way = toPlain(topology, host, node)
  return answers || !way.parkFirst ? way : undefined
}

/** A gap between two signatures exists only where there are signatures: a validator that does not sign is moved without waiting for one. */
function signsNow(observed: Observed, validator: Validator): boolean {
  return valueIn(observed.slashing.get(validator.name))?.recent.some(({ vote }) => vote === "signed") ?? true
}
