import type { FenceMethod } from "../fence-methods.ts"
import type { Issue } from "../issue.ts"
import type { Reading } from "../observe/state.ts"
import { hostOf, nodeOf, type Topology, type Validator } from "../topology.ts"

/** What a machine can see of a lost host from here and from its neighbours. */
export type FenceFacts = {
  /** Whether it lets us in; when not, what ssh said. */
  readonly ssh: { readonly kind: "answers" } | { readonly kind: "silent"; readonly reason: string }
  /** Whether it answers a ping of each candidate's host; undefined where there is no ping. */
  readonly pings: ReadonlyMap<string, boolean | undefined>
  /** By candidate: far ends of connections at its privval port that are not its parking signer's. */
  readonly strangers: ReadonlyMap<string, Reading<readonly string[]>>
  /** By node: addresses of its peers. */
  readonly peers: ReadonlyMap<string, Reading<readonly string[]>>
}

export type FenceJudged = {
  /** What speaks for the fence, for its record. */
  readonly proof: readonly string[]
  /** What speaks against it. */
  readonly reasons: readonly Issue[]
}

/** What the facts say of a fence that a person attests. What cannot be seen speaks against it. */
export function judgeFence(topology: Topology, validator: Validator, host: string, method: FenceMethod, facts: FenceFacts): FenceJudged {
  const { ssh } = facts
  if (method === "ssh") {
    return ssh.kind === "answers"
      ? { proof: [`${host} answers SSH`], reasons: [] }
      : against(host, `does not answer SSH, so its signer cannot be stopped there: ${ssh.reason}`, "choose another fence with --fence")
  }
  if (ssh.kind === "answers")
    return against(
      host,
      "answers SSH: what answers can be fenced for certain",
      "use --fence ssh; or power it off first, when its disk or its engine is broken",
    )
  const parts = [seats(topology, validator, host, facts)]
  if (method === "power-off") parts.push(isOff(host, ssh.reason), silentToPings(host, facts))
  if (method === "destroyed") parts.push({ proof: [`${host} does not answer SSH: ${ssh.reason}`], reasons: [] }, silentToPings(host, facts))
  if (method === "sentry-firewall") parts.push(isNoPeer(topology, host, facts))
  return { proof: parts.flatMap(({ proof }) => proof), reasons: parts.flatMap(({ reasons }) => reasons) }
}

/**
 * What ssh says of a host that is off: nothing at all comes back. A refusal, a closed connection or a wrong key come from something that is
 * on, and a banner that does not come is a host that hangs.
 */
export function sshSaysOff(reason: string): boolean {
  return /ssh: connect to host \S+ port \d+: (Connection timed out|No route to host|Network is unreachable|Host is down)\.?$/.test(reason)
}

function against(path: string, message: string, fix: string): FenceJudged {
  return { proof: [], reasons: [{ severity: "error", path, message, fix }] }
}

function isOff(host: string, reason: string): FenceJudged {
  return sshSaysOff(reason)
    ? { proof: [`${host} does not answer SSH: ${reason}`], reasons: [] }
    : against(
        host,
        `ssh does not say that it is off: ${reason}`,
        "power it off; where it stands behind a jump host or under a name that is gone, choose another fence with --fence",
      )
}

function silentToPings(host: string, { pings }: FenceFacts): FenceJudged {
  const answered = [...pings].filter(([, answers]) => answers === true).map(([from]) => from)
  if (answered.length > 0) return against(host, `answers a ping of ${answered.join(", ")}: it is not off`, "power it off")
  const asked = [...pings].filter(([, answers]) => answers === false).map(([from]) => from)
  if (asked.length === 0)
    return against(host, "no host of a candidate can ping, so nothing tells that it is off", "install ping on the host of a candidate")
  return { proof: [`${host} does not answer a ping of ${asked.join(", ")}`], reasons: [] }
}

/** Nobody but parking signers, the new signer and those of other validators is at the candidates' privval ports. */
function seats(topology: Topology, validator: Validator, host: string, { strangers }: FenceFacts): FenceJudged {
  const lost = addressesOf(topology, host)
  const proof: string[] = []
  const reasons: Issue[] = []
  for (const [name, reading] of strangers) {
    const refuse = (message: string, fix: string) => reasons.push({ severity: "error", path: name, message, fix })
    if (reading.kind === "unknown") {
      refuse(
        `who is connected to its privval port is not known: ${reading.reason}`,
        "make its host reachable; a node that nobody can ask is a hole in the fence",
      )
      continue
    }
    // Run again after its signer has started, the replacement finds that one there.
    const own = validator.signerHost === host ? [] : [hostOf(topology, validator.signerHost).privateAddress]
    const allowed = [...own, ...signersOfOthers(topology, validator, name)]
    const odd = reading.value.filter((remote) => !allowed.includes(addressIn(remote)))
    const isLost = odd.some((remote) => lost.includes(addressIn(remote)))
    if (isLost)
      refuse(
        `${host} is connected to its privval port: its signer is alive`,
        `stop it, or cut it off; the connection ends within seconds then`,
      )
    else if (odd.length > 0)
      refuse(
        `${odd.join(", ")} is connected to its privval port, and is no signer of this deployment`,
        `find out what it is: it may be ${host} under another address`,
      )
    else proof.push(`no signer of ${host} is connected to ${name}`)
  }
  return { proof, reasons }
}

function isNoPeer(topology: Topology, host: string, { peers }: FenceFacts): FenceJudged {
  const lost = addressesOf(topology, host)
  const reasons: Issue[] = []
  for (const [name, reading] of peers) {
    const isSentry = nodeOf(topology, name).role === "sentry"
    if (reading.kind === "unknown" && isSentry)
      reasons.push({
        severity: "error",
        path: name,
        message: `its peers are not known: ${reading.reason}`,
        fix: "bring the sentry back, or choose another fence",
      })
    if (reading.kind === "seen" && reading.value.some((address) => lost.includes(address)))
      reasons.push({
        severity: "error",
        path: name,
        message: `a node on ${host} is its peer: the fence is open`,
        fix: `keep ${host} out with the firewall of every sentry`,
      })
  }
  return { proof: reasons.length > 0 ? [] : [`no node on ${host} is a peer of ${[...peers.keys()].join(", ")}`], reasons }
}

function addressesOf(topology: Topology, host: string): readonly string[] {
  const { privateAddress, publicAddress } = hostOf(topology, host)
  return publicAddress === undefined ? [privateAddress] : [privateAddress, publicAddress]
}

function signersOfOthers(topology: Topology, validator: Validator, node: string): readonly string[] {
  return topology.validators
    .filter((other) => other.name !== validator.name && other.candidates.includes(node))
    .map((other) => hostOf(topology, other.signerHost).privateAddress)
}

function addressIn(remote: string): string {
  return remote.replace(/:\d+$/, "")
}
