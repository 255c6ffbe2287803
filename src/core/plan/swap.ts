import type { SignerState } from "../observe/signer-state.ts"
import { serviceName } from "../topology.ts"
import { raiseSteps, type ToPlain } from "./plain.ts"
import type { Step, SwapTiming } from "./step.ts"

/** What decides how a signer gets to a node. There is one way; where it begins depends on what is already so. */
export type SwapSituation = {
  readonly validator: string
  readonly to: string
  /** The node that the validator comes from; undefined when it comes from none. */
  readonly from: string | undefined
  readonly signerHost: string
  /** The signer's container against what is rendered; an outdated one is replaced while it stands still anyway. */
  readonly container: "missing" | "outdated" | "current"
  readonly signer:
    | { readonly kind: "at-target" }
    | { readonly kind: "running"; readonly fromIsAlive: boolean }
    | { readonly kind: "stopped"; readonly state: SignerState | undefined }
  /** Where a signer that cannot start at the target may be started again; undefined when nothing speaks for such a place. */
  readonly wayBack: string | undefined
  /** Whether the pause between two blocks is waited for, where there is one. */
  readonly timing: SwapTiming
  /** Whether the target's parking signer holds its port. */
  readonly toIsParked: boolean
  /** Whether only a restart gives the target a privval port, as with a plain standby. */
  readonly toLacksPort: boolean
  readonly toHost: string
  /** Who may hold the target's port, as its host says. */
  readonly toOwner: string | undefined
  /** The target's height and how far it is behind the tip, when it answers. */
  readonly toSeen: { readonly height: number; readonly lagBlocks: number } | undefined
  /** The host of the old node, when it can be told to park it. */
  readonly fromHost: string | undefined
  /** A node that is down is made ready for its return, which nobody waits for. */
  readonly fromAnswers: boolean
  /** How the old node becomes a plain standby; undefined when it stays parked. */
  readonly fromToPlain: ToPlain | undefined
  readonly verifyBlocks: number
}

/**
 * The pre-detach swap (signing.md 9.2). One signer process and one state file throughout, so no order of failures can double sign;
 * the order below is about not missing a block and about never attaching the signer to a node that is behind its state.
 */
export function planSwap(now: SwapSituation): Step[] {
  const { validator, to } = now
  if (now.signer.kind === "at-target") {
    return [{ kind: "signer.attached", args: { validator, node: to }, cause: `the signer runs for ${to} already` }, ...finish(now)]
  }
  const alive = now.signer.kind === "running" && now.signer.fromIsAlive
  const timing = alive ? now.timing : "at-once"
  const detach: Step = {
    kind: "standby.detach",
    args: { node: to, validator, timing },
    cause: `${to} then takes the key of the next signer that connects${timing === "in-gap" ? ", in time for the next block" : ""}`,
  }
  const ready: Step = {
    kind: "standby.ready",
    // What has just been started could fall behind once more; with the signer stopped there is no time to see whether it does.
    args: { node: to, validator, ...(alive && now.toLacksPort ? { blocks: READY_BLOCKS } : {}) },
    cause: alive ? "it must follow the chain before it may take over" : "it must have every block that the signer's state covers",
  }
  // A node that waits at the tip is far enough already: at most a parking signer whose right to the port was taken away is still there.
  // One that has waited for long catches up parked first.
  const prepare = waitsAtTip(now) ? [] : [...park(now), ready]
  return [...create(now), ...prepare, givePort(now), detach, move(now, timing), ...finish(now)]
}

/** Blocks at the tip after which a node that was just started counts as following (signing.md 9.2 step 0). */
const READY_BLOCKS = 2

function waitsAtTip({ signer, toIsParked, toLacksPort, toSeen }: SwapSituation): boolean {
  if (toLacksPort) return false
  const covered = signer.kind === "stopped" ? signer.state?.height : undefined
  return !toIsParked && covered !== undefined && toSeen !== undefined && toSeen.height >= covered && toSeen.lagBlocks <= 2
}

function move({ validator, to, wayBack, container }: SwapSituation, timing: SwapTiming): Step {
  return {
    kind: "signer.move",
    args: { validator, to, timing, recreate: container === "outdated", ...(wayBack === undefined ? {} : { from: wayBack }) },
    cause: `one signer with one state: stopped, proved gone, compared with what ${to} has, and started there${wayBack === undefined ? "" : `, or again at ${wayBack}`}`,
  }
}

/** A container that does not exist may need its image first; nothing stands still for it. */
function create({ container, signerHost, validator }: SwapSituation): Step[] {
  return container === "missing"
    ? [
        {
          kind: "service.create",
          args: { host: signerHost, service: serviceName.signer(validator) },
          cause: "the signer's container does not exist",
        },
      ]
    : []
}

function givePort({ to }: SwapSituation): Step {
  return {
    kind: "port.give",
    args: { node: to, owner: "validator" },
    cause: `the port of ${to} waits for the signer from now on, also after a reboot`,
  }
}

function park({ to, toIsParked, toLacksPort, toHost, toOwner }: SwapSituation): Step[] {
  if (toLacksPort) return raiseSteps({ name: to, host: toHost }, toOwner)
  return toIsParked
    ? []
    : [
        { kind: "port.give", args: { node: to, owner: "parking" }, cause: "it cannot follow the chain without a signer on its port" },
        { kind: "standby.park", args: { node: to }, cause: "it cannot follow the chain without a signer on its port" },
      ]
}

function finish({ validator, to, from, fromHost, fromAnswers, fromToPlain, verifyBlocks }: SwapSituation): Step[] {
  const isLeft = from !== undefined && from !== to && fromHost !== undefined
  const parkOld: Step[] =
    !isLeft || fromToPlain?.parkFirst === false
      ? []
      : [
          { kind: "port.give", args: { node: from, owner: "parking" }, cause: `${from} is a standby now` },
          fromAnswers
            ? { kind: "standby.park", args: { node: from }, cause: `${from} follows the chain only with a signer on its port` }
            : {
                kind: "service.up",
                args: { host: fromHost, service: serviceName.parking(from) },
                cause: `${from} does not answer; when it is back, it finds a signer on its port`,
              },
        ]
  return [
    ...parkOld,
    { kind: "chain.signing", args: { validator, node: to, blocks: verifyBlocks }, cause: "the chain is the witness" },
    ...(isLeft ? (fromToPlain?.steps ?? []) : []),
  ]
}
