/**
 * How it is made sure that the signer of a lost host cannot reach the chain any more, before another one is started with its key
 * (signing.md 6.6). A machine can check only a part of each; the rest is attested by a person, who types one exact sentence.
 */
export const FENCE_METHODS = ["ssh", "power-off", "node-firewall", "sentry-firewall", "destroyed"] as const

export type FenceMethod = (typeof FENCE_METHODS)[number]

/** What is kept of a fence, with the operation and in its journal. */
export type FenceRecord = {
  readonly method: FenceMethod
  /** The lost host. */
  readonly host: string
  readonly sentence: string
  /** Whether the sentence was typed at a terminal or given with the command. */
  readonly attested: "typed" | "option"
  readonly by: string
  /** ISO time of the attestation. */
  readonly at: string
  /** The newest block at that moment: what was signed before may still show up a little above it. */
  readonly tip: number
  /** What a machine saw. */
  readonly proof: readonly string[]
}

export function isFenceMethod(text: string): text is FenceMethod {
  return FENCE_METHODS.some((method) => method === text)
}

/** The sentence that a person answers for; it names the host, so that it cannot be typed for another one. */
export function fenceSentence(method: FenceMethod, host: string): string {
  switch (method) {
    case "ssh":
      return `no copy of the key of ${host} is anywhere else`
    case "power-off":
      return `${host} is powered off and stays off until its disk is wiped`
    case "node-firewall":
      return `no candidate lets ${host} in`
    case "sentry-firewall":
      return `no sentry lets ${host} in and it has no other way to the network`
    case "destroyed":
      return `the disk of ${host} is destroyed`
  }
}

/** What gonka-ha sees for itself, and what it takes a person's word for. */
export function fenceMeaning(method: FenceMethod): { readonly checked: string; readonly attested: string } {
  switch (method) {
    case "ssh":
      return {
        checked: "the host answers: its signer is killed and fenced there, and its key is moved aside",
        attested: "nobody has copied the key from there",
      }
    case "power-off":
      return {
        checked: "the host answers neither SSH nor a ping, and is connected to no candidate",
        attested: "it is powered off, and it does not start by itself",
      }
    case "node-firewall":
      return {
        checked: "the host is connected to no candidate's privval port",
        attested: "the firewall of every candidate's host keeps it out",
      }
    case "sentry-firewall":
      return {
        checked: "the host is connected to no candidate's privval port, and is no peer of any node of the deployment",
        attested: "every sentry's firewall keeps it out, and it reaches the network no other way",
      }
    case "destroyed":
      return {
        checked: "the host answers neither SSH nor a ping, and is connected to no candidate",
        attested: "its disk, and with it the key, does not exist any more",
      }
  }
}
