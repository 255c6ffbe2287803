import { durationText } from "../../duration.ts"
import { type HostSeen, valueIn } from "../../observe/state.ts"
import { stateProblem } from "../../observe/state-problem.ts"
import { whoSigns } from "../../observe/who-signs.ts"
import { layout } from "../../render/layout.ts"
import type { Topology, Validator } from "../../topology.ts"
import { bad, type Check, judged, listed, ofValidators, ok, onSignerHost, unclear, warn } from "../check.ts"
import type { DoctorFacts } from "../facts.ts"

function placeOf(topology: Topology, host: HostSeen, validator: Validator) {
  return host.places.find((place) => place.deployment === topology.deployment && place.validator === validator.name)
}

/** The key that stands there, or the pin, is of another validator. */
function isOtherPin(topology: Topology, host: HostSeen, validator: Validator): boolean {
  const pubkey = placeOf(topology, host, validator)?.pubkey
  return pubkey !== undefined && pubkey !== validator.pubkey
}

/** Nothing of the signer is on its host yet, which `signer.runs` says: advice about a lost key or state would be wrong. */
function isNew({ topology, observed }: DoctorFacts, validator: Validator): boolean {
  return whoSigns(topology, observed, validator).kind === "new"
}

const pin: Check = {
  id: "signer.pin",
  title: "The guard pins the right key, and the key is there.",
  why: "tmkms takes any key that it finds: the guard's pin is what keeps a wrong one from signing.",
  scope: "validator",
  threshold: "the pinned public key is the topology's, and a key file lies beside it",
  fix: "never make a new key: put the validator back into the file as it was, or the key back from the backup",
  judge: ofValidators((validator, facts) =>
    onSignerHost(validator, facts, (host) => {
      if (validator.provider.kind !== "softsign" || isNew(facts, validator)) return undefined
      const place = placeOf(facts.topology, host, validator)
      if (place?.pubkey === undefined) return bad(`there is no guard on ${validator.signerHost}`)
      if (place.pubkey !== validator.pubkey) return bad(`the guard pins ${place.pubkey}`)
      return place.holdsKey ? ok("pinned, and there") : bad("the key file is missing")
    }),
  ),
}

const single: Check = {
  id: "signer.single",
  title: "One signer has the key, and nobody else.",
  why: "Two signers of one key sign twice one day: the validator is slashed and can never sign again.",
  scope: "validator",
  threshold: "one process, one key file, on all hosts that answer",
  fix: "stop the other one for good before anything else, and remove its copy of the key",
  judge: ofValidators((validator, facts) => {
    const who = whoSigns(facts.topology, facts.observed, validator)
    const hosts = [...facts.observed.hosts.values()]
    const looked = hosts.filter(({ kind }) => kind === "seen").length
    return onSignerHost(validator, facts, (host) =>
      who.kind === "conflict" && !isOtherPin(facts.topology, host, validator)
        ? bad(listed(who.reasons))
        : ok(`one, on ${looked} of ${hosts.length} hosts that were looked at`),
    )
  }),
}

const signs: Check = {
  id: "signer.runs",
  title: "The signer runs and is connected to its node.",
  why: "Without it nothing is signed, and the jail budget runs down.",
  scope: "validator",
  threshold: "active, and connected to the node that it is aimed at",
  fix: "`gonka-ha signer status` tells why; `gonka-ha up` sets up a new one, `gonka-ha failover` is for a lost node",
  judge: ofValidators((validator, { topology, observed }) => {
    const who = whoSigns(topology, observed, validator)
    switch (who.kind) {
      case "active":
        return who.attached ? ok(`at ${who.node}`) : bad(`it is not connected to ${who.node}`)
      case "new":
        return bad("it is not set up")
      case "stopped":
        return bad(who.reason)
      case "unknown":
        return { verdict: "unknown", measured: who.reason }
      case "conflict":
        return unclear("not while there is more than one signer or another key: `signer.single` and `signer.pin` say which")
    }
  }),
}

const guard: Check = {
  id: "signer.guard",
  title: "The guard would let the signer start again.",
  why: "A refusal shows at the next start only, after a reboot at night.",
  scope: "validator",
  threshold: "`guard.sh check` has nothing against it",
  fix: "what it says is what has to be mended; `gonka-ha signer status` shows it in its place",
  judge: ofValidators((validator, { guards }) => {
    const word = guards.get(validator.name)
    return word === undefined ? undefined : judged(word, (said) => (said === "ok" ? ok("it would") : bad(said.refusal)))
  }),
}

const state: Check = {
  id: "signer.state",
  title: "The signer's state is there, whole, and not below its floor.",
  why: "The state is what keeps a signature from being made twice; an older copy of it forgets what was signed.",
  scope: "validator",
  threshold: "height at or above the recorded floor",
  fix: "never copy an old one back: `gonka-ha signer state seal` is the way on",
  judge: ofValidators((validator, facts) =>
    onSignerHost(validator, facts, (host) => {
      if (isNew(facts, validator)) return undefined
      const files = host.signers.get(validator.name)
      const problem = stateProblem(files)
      if (problem) return bad(problem.message)
      return ok(files?.state.kind === "ok" ? `height ${files.state.state.height}, floor ${files.floor ?? "?"}` : "there")
    }),
  ),
}

const fence: Check = {
  id: "signer.fence",
  title: "The signer is not fenced.",
  why: "A fenced signer does not start; a fence that was forgotten is found when the signer is needed.",
  scope: "validator",
  threshold: "no fence, in the deployment or among the marks of its key",
  fix: "`gonka-ha signer unfence`, when you know why it is there and that it may go",
  judge: ofValidators((validator, facts) =>
    onSignerHost(validator, facts, (host) => {
      const reason = host.signers.get(validator.name)?.fence
      return reason === undefined ? ok("none") : bad(reason)
    }),
  ),
}

const LONG_LOCK_MS = 10 * 60_000

const lock: Check = {
  id: "signer.lock",
  title: "Nobody holds the signer's lock for long.",
  why: "While it is held, no move can begin; a laptop that was left in the middle of a question keeps it.",
  scope: "validator",
  threshold: `${LONG_LOCK_MS / 60_000} minutes`,
  fix: "ask the owner; the lock is free a few seconds after the process or the machine is gone",
  judge: ofValidators((validator, facts) =>
    onSignerHost(validator, facts, (host) => {
      const owner = host.signers.get(validator.name)?.lockedBy
      if (owner === undefined) return ok("free")
      const since = facts.lockedSinceMs.get(validator.name)
      if (since === undefined) return { verdict: "unknown", measured: `held by ${owner}` }
      const held = Math.max(0, facts.observed.atMs - since)
      const measured = `held for ${durationText(held)} by ${owner}`
      return held > LONG_LOCK_MS ? warn(measured) : ok(measured)
    }),
  ),
}

const halfWay: Check = {
  id: "signer.half-way",
  title: "No operation was left half-way.",
  why: "What was begun and not finished may have left a standby without its parking signer, and holds up the next move.",
  scope: "validator",
  threshold: "none",
  fix: "`gonka-ha promote --resume` finishes it, `gonka-ha promote --abort` takes it back",
  judge: ofValidators((validator, facts) =>
    onSignerHost(validator, facts, (host) => {
      const files = host.signers.get(validator.name)
      if (!files?.operation) return ok("none")
      const { kind, to, by, since } = files.operation
      const said = `${kind} to ${to} by ${by}, begun ${since}`
      return files.lockedBy === undefined ? warn(said) : ok(`${said}, under way`)
    }),
  ),
}

const port: Check = {
  id: "signer.port",
  title: "The signing port belongs to the signer at its node, and to nobody else.",
  why: "A node takes the first signer that connects: its parking signer must stay away from the active node, also after a reboot.",
  scope: "validator",
  threshold: "the owner file of the active node says `validator`",
  fix: "`gonka-ha up`; do not write the file by hand",
  judge: ofValidators((validator, facts) => {
    const who = whoSigns(facts.topology, facts.observed, validator)
    if (who.kind !== "active") return undefined
    const node = facts.topology.nodes.find(({ name }) => name === who.node)
    const host = node && facts.observed.hosts.get(node.host)
    if (!host) return undefined
    return judged(host, ({ owners }) => {
      const owner = owners.get(who.node)
      return owner === "validator" ? ok(`${who.node}: validator`) : bad(`${layout.parking.owner(who.node)} says ${owner ?? "nothing"}`)
    })
  }),
}

export const SIGNER_CHECKS: readonly Check[] = [pin, single, signs, port, guard, state, fence, lock, halfWay]

/** The node that the signer is for, for checks that ask about the others: where it is, or else where it would be. */
export function activeNode({ topology, observed }: Pick<DoctorFacts, "topology" | "observed">, validator: Validator): string | undefined {
  const who = whoSigns(topology, observed, validator)
  return who.kind === "active" ? who.node : valueIn(observed.hosts.get(validator.signerHost))?.signers.get(validator.name)?.aim
}
