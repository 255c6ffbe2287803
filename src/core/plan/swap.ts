import type { SignerState } from "../observe/signer-state.ts"
import { serviceName } from "../topology.ts"
import type { Step } from "./step.ts"

/** What decides how a signer gets to a node. There is one way; where it begins depends on what is already so. */
export type SwapSituation = {
  readonly validator: string
  readonly to: string
  /** The node that the validator comes from; undefined when it comes from none. */
  readonly from: string | undefined
  readonly signerHost: string
  /** Whether the signer's container is not the one that is rendered; it is recreated while it is stopped anyway. */
  readonly signerIsOutdated: boolean
  readonly signer:
    | { readonly kind: "at-target" }
    | { readonly kind: "running"; readonly fromIsAlive: boolean }
    | { readonly kind: "stopped"; readonly state: SignerState | undefined }
  /** Whether the target's parking signer holds its port. */
  readonly toIsParked: boolean
  /** The target's height and how far it is behind the tip, when it answers. */
  readonly toSeen: { readonly height: number; readonly lagBlocks: number } | undefined
  /** The host of the old node, when it can be told to park it. */
  readonly fromHost: string | undefined
  /** A node that is down is made ready for its return, which nobody waits for. */
  readonly fromAnswers: boolean
  readonly verifyBlocks: number
}

/**
 * The pre-detach swap (signing.md 9.2). One signer process and one state file throughout, so no order of failures can double sign;
 * the order below is about not missing a block and about never attaching the signer to a node that is behind its state.
 */
export function planSwap(now: SwapSituation): Step[] {
  const { validator, to, from } = now
  if (now.signer.kind === "at-target") {
    return [{ kind: "signer.attached", args: { validator, node: to }, cause: `the signer runs for ${to} already` }, ...finish(now)]
  }
  if (now.signer.kind === "running" && now.signer.fromIsAlive) {
    return [
      ...park(now),
      { kind: "standby.ready", args: { node: to, validator }, cause: "it must follow the chain before it may take over" },
      givePort(now),
      {
        kind: "standby.detach",
        args: { node: to, validator, timing: "in-gap" },
        cause: `${to} then takes the key of the next signer that connects, in time for the next block`,
      },
      { kind: "signer.stop", args: { validator, timing: "in-gap", node: to }, cause: `nothing may sign through ${from} from here on` },
      ...attach(now),
      ...finish(now),
    ]
  }
  const covered = now.signer.kind === "stopped" ? now.signer.state?.height : undefined
  const waitsAtTip =
    !now.toIsParked && covered !== undefined && now.toSeen !== undefined && now.toSeen.height >= covered && now.toSeen.lagBlocks <= 2
  const stop: Step = {
    kind: "signer.stop",
    args: { validator, timing: "at-once", node: to },
    cause: "its state is only final once no process can change it",
  }
  const detach: Step = {
    kind: "standby.detach",
    args: { node: to, validator, timing: "at-once" },
    cause: `${to} then takes the key of the next signer that connects`,
  }
  // Far enough already: at most a parking signer whose right to the port was taken away is still there.
  // A node that has waited for long catches up parked first.
  if (waitsAtTip) return [stop, givePort(now), detach, ...attach(now), ...finish(now)]
  return [
    stop,
    ...park(now),
    { kind: "standby.ready", args: { node: to, validator }, cause: "it must have every block that the signer's state covers" },
    givePort(now),
    detach,
    ...attach(now),
    ...finish(now),
  ]
}

function givePort({ to }: SwapSituation): Step {
  return {
    kind: "port.give",
    args: { node: to, owner: "validator" },
    cause: `the port of ${to} waits for the signer from now on, also after a reboot`,
  }
}

function park({ to, toIsParked }: SwapSituation): Step[] {
  return toIsParked
    ? []
    : [
        { kind: "port.give", args: { node: to, owner: "parking" }, cause: "it cannot follow the chain without a signer on its port" },
        { kind: "standby.park", args: { node: to }, cause: "it cannot follow the chain without a signer on its port" },
      ]
}

function attach({ validator, to, signerHost, signerIsOutdated }: SwapSituation): Step[] {
  const create: Step[] = signerIsOutdated
    ? [
        {
          kind: "service.create",
          args: { host: signerHost, service: serviceName.signer(validator) },
          cause: "the signer's container is missing or older than its configuration",
        },
      ]
    : []
  return [
    { kind: "signer.gate", args: { validator, node: to }, cause: "a node below the signer's state would stall and be refused" },
    ...create,
    { kind: "signer.aim", args: { validator, node: to }, cause: `the same signer with the same state, at ${to}` },
    { kind: "signer.start", args: { validator, node: to }, cause: `the guard checks key, state, floor and fence, then ${to} signs` },
  ]
}

function finish({ validator, to, from, fromHost, fromAnswers, verifyBlocks }: SwapSituation): Step[] {
  const parkOld: Step[] =
    from === undefined || from === to || fromHost === undefined
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
  return [...parkOld, { kind: "chain.signing", args: { validator, node: to, blocks: verifyBlocks }, cause: "the chain is the witness" }]
}
