import type { Step } from "./step.ts"

/** Steps that touch a signer or a port that a signer may hold; only these are done under the signer's lock. */
export function needsLock(step: Step): boolean {
  switch (step.kind) {
    case "files.push":
    case "secrets.push":
    case "service.up":
    case "balancer.answers":
    case "balancer.restart":
    case "node.fresh":
    // It may take an hour, in which others must be able to move a signer; it takes the locks itself around the sibling's stop.
    case "data.copy":
      return false
    case "service.create":
    case "signer.init":
    case "port.give":
    case "node.restart":
    case "data.renew":
    case "parking.stop":
    case "standby.park":
    case "standby.ready":
    case "standby.detach":
    case "signer.move":
    case "signer.fence":
    case "chain.silent":
    case "signer.seal":
    case "chain.past-seal":
    case "signer.attached":
    case "chain.signing":
      return true
  }
}

export type Segment = { readonly locked: boolean; readonly steps: readonly Step[] }

/** Neighbouring steps of the same sort together: a lock is not held while a new node catches up for hours. */
export function segments(steps: readonly Step[]): readonly Segment[] {
  const parts: { locked: boolean; steps: Step[] }[] = []
  for (const step of steps) {
    const locked = needsLock(step)
    const last = parts.at(-1)
    if (last?.locked === locked) last.steps.push(step)
    else parts.push({ locked, steps: [step] })
  }
  return parts
}
