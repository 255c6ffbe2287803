import { healthOf, positionOf } from "../observe/health.ts"
import { type Observed, valueIn } from "../observe/state.ts"
import { containerOf, whoSigns } from "../observe/who-signs.ts"
import type { FileSet } from "../render/fileset.ts"
import { nodeOf, serviceName, type Topology, type Validator } from "../topology.ts"
import { isParked } from "./parked.ts"
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
 */
export function planPromote(
  topology: Topology,
  files: FileSet,
  observed: Observed,
  validator: Validator,
  to: string,
  origin: string | undefined,
  timing: SwapTiming = "in-gap",
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
  const fromHost = topology.nodes.find((node) => node.name === from)?.host
  // Another validator may have moved there since: then its port is not ours to give away.
  const isTaken = from !== undefined && rivalAt(topology, observed, validator, from) !== undefined
  const fromHealth = from === undefined ? undefined : healthOf(observed, from, topology.policy).verdict
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
    toSeen: positionOf(observed, to),
    fromHost: fromHost !== undefined && !isTaken && observed.hosts.get(fromHost)?.kind === "seen" ? fromHost : undefined,
    fromAnswers: from !== undefined && observed.nodes.get(from)?.kind === "seen",
    verifyBlocks: VERIFY_BLOCKS,
    container:
      container === undefined
        ? "missing"
        : container.digest === files.get(validator.signerHost)?.serviceDigests.get(service)
          ? "current"
          : "outdated",
    // While its state has not moved on, it may always serve again the node that it last served.
    wayBack: aim === to ? undefined : aim,
    timing,
    signerHost: validator.signerHost,
  })
}

/** A gap between two signatures exists only where there are signatures: a validator that does not sign is moved without waiting for one. */
function signsNow(observed: Observed, validator: Validator): boolean {
  return valueIn(observed.slashing.get(validator.name))?.recent.some(({ vote }) => vote === "signed") ?? true
}
