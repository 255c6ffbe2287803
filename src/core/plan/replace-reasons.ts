import type { FenceMethod } from "../fence-methods.ts"
import type { Issue } from "../issue.ts"
import { everythingIsStale, healthOf } from "../observe/health.ts"
import { otherKeyHolders } from "../observe/key-holders.ts"
import { goOn } from "../observe/replaced-host.ts"
import { type Observed, valueIn } from "../observe/state.ts"
import { containerOf, whoSigns } from "../observe/who-signs.ts"
import type { SecretFile } from "../ports.ts"
import { nodeOf, serviceName, type Topology, type Validator } from "../topology.ts"
import { loweredPorts } from "./lowered-ports.ts"
import { refuse } from "./preflight/refusal.ts"
import { consensusKey } from "./replace.ts"

/** What one look cannot tell. */
export type ReplaceFacts = {
  readonly host: string
  readonly method: FenceMethod
  /** Where the new signer is to start; undefined when no candidate answers. */
  readonly to: string | undefined
  readonly secrets: readonly SecretFile[]
  /** A key by reference that cannot be read, with the reason. */
  readonly unreadable: readonly string[]
  /** This machine's record that the new host has been given the signer before. */
  readonly record: string | undefined
  /** Whether the operator accepts the only sentry as the only witness. */
  readonly oneWitness: boolean
}

/** Every reason why the signer of a lost host must not be replaced now; empty means go. */
export function replaceReasons(topology: Topology, observed: Observed, validator: Validator, facts: ReplaceFacts): Issue[] {
  return [
    ...keyReasons(validator, facts),
    ...newHostReasons(topology, observed, validator, facts),
    ...holderReasons(topology, observed, validator, facts),
    ...candidateReasons(topology, observed, validator, facts),
    ...pendingReasons(topology, observed, validator),
    ...witnessReasons(topology, observed, facts),
    ...chainReasons(observed, validator),
    ...loweredPorts(topology, observed),
  ]
}

function keyReasons(validator: Validator, { secrets, unreadable }: ReplaceFacts): Issue[] {
  const { name, signerHost, provider } = validator
  if (provider.kind !== "softsign")
    return [
      refuse(
        name,
        `its key is in a ${provider.kind}, and gonka-ha has never moved such a signer`,
        "move the device by hand after the runbook",
      ),
    ]
  const isHere = secrets.some(({ host, path }) => host === signerHost && path === consensusKey(validator))
  return [
    ...(isHere
      ? []
      : [
          refuse(
            name,
            "its consensus key is not on this machine, and the lost host had the other copy",
            "put it back with `gonka-ha signer restore` or `gonka-ha keys import`, or name where it is under signer.key",
          ),
        ]),
    ...unreadable.map((reason) => refuse(name, `a secret of its signer cannot be read: ${reason}`, "make it readable first")),
  ]
}

/** The new host must be there, and have nothing of this signer but what an earlier run of this replacement has left. */
function newHostReasons(topology: Topology, observed: Observed, validator: Validator, { record }: ReplaceFacts): Issue[] {
  const { name, signerHost } = validator
  const host = observed.hosts.get(signerHost)
  if (host?.kind !== "seen")
    return [refuse(signerHost, `the new signer's host cannot be asked: ${host?.reason ?? "not observed"}`, "bring it up first")]
  const files = host.value.signers.get(name)
  const begun = files?.operation?.kind === "replace"
  const reasons: Issue[] = []
  const elsewhere = "name a host that never had it; `gonka-ha signer status` shows what is there"
  if (files?.fence !== undefined) reasons.push(refuse(signerHost, `the signer of ${name} is fenced there: ${files.fence}`, elsewhere))
  if (begun) return reasons
  if (record !== undefined)
    reasons.push(
      refuse(
        name,
        `its signer was set up on ${signerHost} before (${record}), and that host has nothing of it any more`,
        "`gonka-ha signer state seal` is the way on where its state was lost; a host that is lost as well is replaced by a third one",
      ),
    )
  if (files?.state.kind === "ok" || files?.state.kind === "damaged")
    reasons.push(refuse(signerHost, `holds a signer state of ${name} already`, elsewhere))
  if (host.value.files.has(consensusKey(validator)))
    reasons.push(refuse(signerHost, `holds the consensus key of ${name} already`, elsewhere))
  if (containerOf(topology, host.value, serviceName.signer(name)))
    reasons.push(refuse(signerHost, `has a container of the signer of ${name} already`, elsewhere))
  return reasons
}

/** On the lost host itself the fence decides; anywhere else nothing may have the key. */
function holderReasons(topology: Topology, observed: Observed, validator: Validator, { host: lost }: ReplaceFacts): Issue[] {
  return [...observed.hosts].flatMap(([name, reading]) =>
    reading.kind === "unknown" || name === lost
      ? []
      : otherKeyHolders(topology, validator, name, reading.value).map((message) =>
          refuse(validator.name, message, "stop and remove it before anything else: one key has one signer"),
        ),
  )
}

function candidateReasons(topology: Topology, observed: Observed, validator: Validator, { host: lost, method, to }: ReplaceFacts): Issue[] {
  const reasons: Issue[] = []
  for (const name of validator.candidates) {
    const node = nodeOf(topology, name)
    const host = observed.hosts.get(node.host)
    if (node.host === lost) {
      if (method !== "destroyed")
        reasons.push(
          refuse(
            name,
            `is on ${lost}, beside the lost signer, and its port cannot be closed there`,
            `take it out of the candidates of ${validator.name}, or use --fence destroyed when the machine does not exist any more`,
          ),
        )
    } else if (host?.kind !== "seen") {
      reasons.push(
        refuse(
          name,
          `its host ${node.host} cannot be asked (${host?.reason ?? "not observed"}): a node that still opens the old port is a hole in the fence`,
          "bring it back, or take the node out of the candidates once its machine is off for good",
        ),
      )
    }
  }
  if (to === undefined)
    reasons.push(refuse(validator.name, "no candidate answers at which the new signer could start", "bring a candidate up first"))
  else if (!validator.candidates.includes(to))
    reasons.push(refuse(to, `is not a candidate of ${validator.name}`, `candidates: ${validator.candidates.join(", ")}`))
  else if (nodeOf(topology, to).host === lost)
    reasons.push(refuse(to, `is on the lost host ${lost}`, "choose another candidate with --node"))
  return reasons
}

/** Its own replacement goes on; anything else that was left half-way comes first, also of validators whose nodes are restarted. */
function pendingReasons(topology: Topology, observed: Observed, validator: Validator): Issue[] {
  return topology.validators
    .filter(({ candidates }) => candidates.some((node) => validator.candidates.includes(node)))
    .flatMap((other) => {
      const operation = valueIn(observed.hosts.get(other.signerHost))?.signers.get(other.name)?.operation
      if (!operation || (other.name === validator.name && operation.kind === "replace")) return []
      return [
        refuse(
          other.name,
          `${operation.kind} to ${operation.to} was left half-way by ${operation.by}`,
          `run \`${goOn(operation, other)}\``,
        ),
      ]
    })
}

function witnessReasons(topology: Topology, observed: Observed, { oneWitness }: ReplaceFacts): Issue[] {
  if (everythingIsStale(observed, topology.policy))
    return [
      refuse("chain", "every node is stale at once: the chain or our uplink stands still", "wait; nothing can be seen to be silent now"),
    ]
  const sentries = topology.nodes.filter(({ role }) => role === "sentry")
  const judged = sentries.map(({ name }) => ({ name, health: healthOf(observed, name, topology.policy) }))
  const fresh = judged.filter(({ health }) => health.verdict === "fresh")
  if (fresh.length >= 2 || (fresh.length === 1 && sentries.length === 1 && oneWitness)) return []
  if (fresh.length === 1 && sentries.length === 1)
    return [
      refuse(
        "chain",
        `${fresh[0]?.name} is the only sentry: one witness alone says that the key is silent`,
        "add a second sentry, or accept it with --one-witness",
      ),
    ]
  const others = judged
    .filter(({ health }) => health.verdict !== "fresh")
    .map(({ name, health }) => `${name} is ${health.verdict}: ${health.reasons.join("; ")}`)
  return [
    refuse(
      "chain",
      `two fresh sentries must witness that the key is silent, and ${fresh.length} is: ${others.join("; ")}`,
      "bring another sentry to the tip first",
    ),
  ]
}

function chainReasons(observed: Observed, validator: Validator): Issue[] {
  const slashing = observed.slashing.get(validator.name)
  if (slashing?.kind !== "seen")
    return [
      refuse(
        validator.name,
        `what the chain knows of it cannot be asked: ${slashing?.reason ?? "not asked"}`,
        "bring a node back that can tell",
      ),
    ]
  return slashing.value.record?.tombstoned
    ? [refuse(validator.name, "is tombstoned: this key can never sign again", "a new validator needs a new key")]
    : []
}

/** Whether the new host signs already, or would: then there is nothing to replace. */
export function isReplaced(topology: Topology, observed: Observed, validator: Validator): boolean {
  const files = valueIn(observed.hosts.get(validator.signerHost))?.signers.get(validator.name)
  const who = whoSigns(topology, observed, validator)
  return files?.aim !== undefined && files.operation === undefined && (who.kind === "active" || who.kind === "stopped")
}
