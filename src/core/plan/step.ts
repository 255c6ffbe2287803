import type { FenceMethod } from "../fence-methods.ts"

/** Every kind of step with its arguments. A new kind does not compile until it has a handler. */
export interface StepArgs {
  /** Install rendered files. */
  "files.push": { readonly host: string; readonly paths: readonly string[] }
  /** Install secrets that are not there; one that differs is never overwritten. */
  "secrets.push": { readonly host: string; readonly paths: readonly string[] }
  /** Create, recreate or start a container so that it matches its rendered definition. */
  "service.up": { readonly host: string; readonly service: string; readonly costAccepted?: true }
  /** Wait until a load balancer takes connections, and see whether a node behind it answers. */
  "balancer.answers": { readonly host: string; readonly service: string }
  /** Stop a load balancer and start it again as it is. */
  "balancer.restart": { readonly host: string; readonly service: string }
  /** Create or recreate a container without starting it. */
  "service.create": { readonly host: string; readonly service: string }
  /**
   * Stop a node and start it again, with or without a privval port as its owner file says. One that signs is only restarted where the blocks
   * that it misses were accepted.
   */
  "node.restart": { readonly node: string; readonly costAccepted?: true }
  /** Copy a stopped sibling's chain data beside that of the node, which runs on; the sibling is started again whatever comes of it. */
  "data.copy": { readonly node: string; readonly from: string }
  /**
   * Stop a node, set its chain data aside, and start it without any, or on the copy that lies beside it. Its keys, its address book and its
   * configuration stay where they are; nothing is deleted.
   */
  "data.renew": { readonly node: string; readonly copied?: true }
  /** Wait, as long as it makes progress, until the node is fresh. */
  "node.fresh": { readonly node: string }
  /** Decide and write the first state of a signer, its floor and its aim. */
  "signer.init": { readonly validator: string; readonly node: string }
  /** Say who may hold the node's privval port, also across reboots. */
  "port.give": { readonly node: string; readonly owner: PortOwner }
  /** Have the parking signer hold the node's port. */
  "standby.park": { readonly node: string }
  /** Stop the parking signer of a node that has no privval port. */
  "parking.stop": { readonly node: string }
  /** Wait until the parked node has finished the blocks that the signer's state covers; and, where it was just started, that many more at the tip. */
  "standby.ready": { readonly node: string; readonly validator: string; readonly blocks?: number }
  /** Stop the parking signer in the pause after a block, so that the node waits for the next signer that comes. */
  "standby.detach": { readonly node: string; readonly validator: string; readonly timing: SwapTiming }
  /**
   * Stop the signer, prove that it is gone, compare its state with what the target has, start it there; all of it on the signer's own
   * host, which finishes it alone, at the target or back where it was.
   */
  "signer.move": {
    readonly validator: string
    /** Where it goes back to when it cannot start at the target; undefined when there is no such node. */
    readonly from?: string
    readonly to: string
    readonly timing: SwapTiming
    /** Whether its container is older than what is rendered. */
    readonly recreate: boolean
  }
  /** Make sure, as far as a machine can, that the lost host's signer does not reach the chain; where the host answers, stop it there for good. */
  "signer.fence": { readonly validator: string; readonly host: string; readonly method: FenceMethod }
  /** See that the key signs nothing, on two nodes that do not sign. What was under way at the tip may still show up a little above it. */
  "chain.silent": { readonly validator: string; readonly tip: number; readonly blocks: number }
  /** Write a new signer's state above everything that its key can have signed on the lost host. */
  "signer.seal": { readonly validator: string; readonly host: string }
  /** Wait until the chain and the parked node have passed the sealed height, and see that the key signs nothing meanwhile. */
  "chain.past-seal": { readonly validator: string; readonly node: string }
  /** The signer that runs must be connected to its node. */
  "signer.attached": { readonly validator: string; readonly node: string }
  /** See our signatures above the state, in canonical commits, on nodes that do not sign. */
  "chain.signing": { readonly validator: string; readonly node: string; readonly blocks: number }
}

/** In the pause between two blocks, where nothing is missed; or without waiting for one. */
export type SwapTiming = "in-gap" | "at-once"

/** `plain`: nobody, since the node is started without a privval port. */
export type PortOwner = "parking" | "validator" | "plain"

export type StepKind = keyof StepArgs

export type Step = {
  [K in StepKind]: {
    readonly kind: K
    /** Why, in an operator's words. */
    readonly cause: string
    readonly args: StepArgs[K]
  }
}[StepKind]

export type StepOf<K extends StepKind> = Extract<Step, { kind: K }>

const PORT_OF: Readonly<Record<PortOwner, string>> = {
  parking: "privval port belongs to the parking signer",
  validator: "privval port belongs to the validator's signer",
  plain: "no privval port from its next start on",
}

/** Where a step acts, what it does: one short line for plans and progress. */
export function stepTitle(step: Step): string {
  switch (step.kind) {
    case "files.push":
      return `${step.args.host}: install ${counted(step.args.paths.length, "file")}`
    case "secrets.push":
      return `${step.args.host}: install ${counted(step.args.paths.length, "secret")}`
    case "service.up":
      return `${step.args.host}: bring up ${step.args.service}`
    case "balancer.restart":
      return `${step.args.service}: restart`
    case "balancer.answers":
      return `${step.args.service}: wait until it answers`
    case "service.create":
      return `${step.args.host}: create ${step.args.service}`
    case "node.restart":
      return `${step.args.node}: restart`
    case "data.copy":
      return `${step.args.node}: copy the chain data of ${step.args.from}, which stands still meanwhile`
    case "data.renew":
      return `${step.args.node}: set its chain data aside, and start it ${step.args.copied ? "on the copy" : "without any"}`
    case "node.fresh":
      return `${step.args.node}: wait until fresh`
    case "signer.init":
      return `${step.args.validator}: write the signer's first state`
    case "port.give":
      return `${step.args.node}: ${PORT_OF[step.args.owner]}`
    case "standby.park":
      return `${step.args.node}: park`
    case "parking.stop":
      return `${step.args.node}: stop the parking signer, which nothing needs`
    case "standby.ready":
      return `${step.args.node}: wait until ready to take over${step.args.blocks === undefined ? "" : `, ${counted(step.args.blocks, "block")} long`}`
    case "standby.detach":
      return `${step.args.node}: stop the parking signer`
    case "signer.move":
      return `${step.args.validator}: stop the signer and start it at ${step.args.to}`
    case "signer.fence":
      return `${step.args.host}: fence the signer of ${step.args.validator} (${step.args.method})`
    case "chain.silent":
      return `${step.args.validator}: see ${counted(step.args.blocks, "block")} without its signature`
    case "signer.seal":
      return `${step.args.validator}: seal the new signer's state above the chain`
    case "chain.past-seal":
      return `${step.args.node}: parked above the sealed height, with no signature of ${step.args.validator}`
    case "signer.attached":
      return `${step.args.validator}: signer connected to ${step.args.node}`
    case "chain.signing":
      return `${step.args.validator}: see ${counted(step.args.blocks, "block")} signed through ${step.args.node}`
  }
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`
}

/** Numbered lines of a plan: what, where, why. */
export function planLines(steps: readonly Step[]): string[] {
  return steps.map((step, index) => `${String(index + 1).padStart(3)}  ${stepTitle(step)}\n     ${step.cause}`)
}
