import { EXIT, type ExitCode } from "../errors.ts"
import { isParked } from "../plan/parked.ts"
import { runsPlain } from "../plan/plain.ts"
import { balancersOf, type ChainNode, nodeOf, serviceName, type Topology, type Validator } from "../topology.ts"
import { chainTip, everythingIsStale, type Health, healthOf } from "./health.ts"
import { type JailBudget, jailBudget } from "./jail-budget.ts"
import { goOn, lastReplaced, replaceCommand, replacedHostLines } from "./replaced-host.ts"
import { type Observed, type Vote, valueIn } from "./state.ts"
import { containerOf, type WhoSigns, whoSigns } from "./who-signs.ts"

export type NodeRow = {
  readonly name: string
  readonly host: string
  readonly pool: "sentry" | "private"
  /** What it is right now: sentry, validator, standby, private; or unknown. */
  readonly role: string
  readonly height: number | undefined
  readonly lagBlocks: number | undefined
  readonly ageMs: number | undefined
  readonly peers: number | undefined
  readonly health: Health
  /** Which signer its port has: `signer`, `parking`, none, or unknown; `plain` when it waits without a port. */
  readonly port: "signer" | "parking" | "plain" | "none" | "unknown" | undefined
}

export type ValidatorView = {
  readonly name: string
  readonly address: string
  readonly consensusAddress: string
  readonly signing: WhoSigns
  readonly recentlySigned: { readonly signed: number; readonly of: number } | undefined
  readonly newestVote: { readonly height: number; readonly vote: Vote } | undefined
  readonly signedInWindow: { readonly signed: number; readonly of: number } | undefined
  readonly budget: JailBudget | undefined
  readonly jailedUntilMs: number | undefined
  readonly tombstoned: boolean
  readonly inSet: boolean | undefined
}

export type StatusView = {
  readonly deployment: string
  readonly chain: string
  readonly tip: number | undefined
  readonly tipAgeMs: number | undefined
  readonly nodes: readonly NodeRow[]
  readonly validators: readonly ValidatorView[]
  /** Hosts that could not be asked. */
  readonly unknownHosts: readonly { readonly host: string; readonly reason: string }[]
  /** What is wrong, worst first, in sentences. */
  readonly critical: readonly string[]
  readonly warnings: readonly string[]
  readonly exitCode: ExitCode
}

/** Everything that `status` tells, from one look. */
export function statusView(topology: Topology, observed: Observed): StatusView {
  const tip = chainTip(observed)
  const validators = topology.validators.map((validator) => validatorView(topology, observed, validator))
  const nodes = topology.nodes.map((node) => nodeRow(topology, observed, node, validators))
  const unknownHosts = topology.hosts.flatMap((host) => {
    const reading = observed.hosts.get(host.name)
    return reading?.kind === "unknown" ? [{ host: host.name, reason: reading.reason }] : []
  })
  const critical = topology.validators.flatMap((validator, index) => {
    const view = validators[index]
    const replaced = lastReplaced(validator)
    return view ? criticalOf(view, replaced === undefined ? "gonka-ha up" : replaceCommand(replaced), observed.atMs) : []
  })
  const warnings = [
    ...(everythingIsStale(observed, topology.policy) ? ["every node is stale at once: the chain or our uplink stands still"] : []),
    ...unknownHosts.map(({ host, reason }) => `${host}: ${reason}`),
    ...replacedHostLines(topology, observed),
    ...validators.flatMap((view) => validatorWarnings(topology, observed, view)),
    ...nodes.flatMap((row) => nodeWarnings(topology, observed, row, validators)),
    ...balancerWarnings(topology, observed),
  ]
  return {
    deployment: topology.deployment,
    chain: topology.chain.id,
    tip: tip?.height,
    tipAgeMs: tip?.ageMs,
    nodes,
    validators,
    unknownHosts,
    critical,
    warnings,
    exitCode: critical.length > 0 ? EXIT.critical : warnings.length > 0 ? EXIT.degraded : EXIT.ok,
  }
}

function validatorView(topology: Topology, observed: Observed, validator: Validator): ValidatorView {
  const slashing = valueIn(observed.slashing.get(validator.name))
  const record = slashing?.record
  const window = slashing && record ? Math.min(slashing.windowBlocks, record.countedBlocks) : undefined
  return {
    name: validator.name,
    address: validator.address,
    consensusAddress: validator.consensusAddress,
    signing: whoSigns(topology, observed, validator),
    recentlySigned: slashing
      ? { signed: slashing.recent.filter(({ vote }) => vote === "signed").length, of: slashing.recent.length }
      : undefined,
    newestVote: slashing?.recent[0],
    signedInWindow: record && window !== undefined ? { signed: window - record.missedBlocks, of: window } : undefined,
    budget: slashing ? jailBudget(slashing, topology.chain.blockMs) : undefined,
    jailedUntilMs: record && isJailed(record.jailedUntilMs, observed.atMs, slashing?.votingPower) ? record.jailedUntilMs : undefined,
    tombstoned: record?.tombstoned ?? false,
    inSet: slashing ? slashing.votingPower !== undefined : undefined,
  }
}

/** The time in the record stays after the jail; a validator that is not back in the set has not been let out yet. */
function isJailed(untilMs: number, atMs: number, votingPower: number | undefined): boolean {
  return untilMs > atMs || (untilMs > 0 && votingPower === undefined)
}

function jailOf({ name, jailedUntilMs }: ValidatorView, atMs: number): string[] {
  if (jailedUntilMs === undefined) return []
  return [
    jailedUntilMs > atMs
      ? `${name} is jailed: when its time is over, its account has to send the chain's unjail transaction`
      : `${name} is jailed, and its time is over: its account has to send the chain's unjail transaction`,
  ]
}

function criticalOf(view: ValidatorView, setUp: string, atMs: number): string[] {
  const { signing, name } = view
  if (view.tombstoned) return [`${name} is tombstoned: this key can never sign again`]
  if (signing.kind === "conflict") return signing.reasons.map((reason) => `${name}: ${reason}`)
  if (signing.kind === "unknown") return [`${name}: it is not clear who signs: ${signing.reason}`]
  if (signing.kind === "new") return [`${name}: its signer is not set up; run ${setUp}`]
  if (signing.kind === "stopped") return [`${name} does not sign: ${signing.reason}`, ...jailOf(view, atMs)]
  if (view.jailedUntilMs !== undefined) return jailOf(view, atMs)
  if (view.inSet && !signing.attached && view.newestVote?.vote === "absent") {
    return [`${name} does not sign: its signer is not connected to ${signing.node}, and block ${view.newestVote.height} was missed`]
  }
  if (view.inSet && view.recentlySigned && view.recentlySigned.of > 0 && view.recentlySigned.signed === 0) {
    return [`${name} signed none of the last ${view.recentlySigned.of} blocks, though its signer runs at ${signing.node}`]
  }
  return []
}

function validatorWarnings(topology: Topology, observed: Observed, view: ValidatorView): string[] {
  const validator = topology.validators.find((candidate) => candidate.name === view.name)
  const files = validator ? valueIn(observed.hosts.get(validator.signerHost))?.signers.get(validator.name) : undefined
  const standbys = validator ? validator.candidates.filter((candidate) => isReadyStandby(topology, observed, candidate)) : []
  const wanted = validator ? validator.candidates.length - 1 : 0
  const slashing = observed.slashing.get(view.name)
  return [
    ...(files?.operation
      ? [`${view.name}: ${files.operation.kind} to ${files.operation.to} was left half-way; run ${goOn(files.operation, validator)}`]
      : []),
    ...(files?.fence === undefined ? [] : [`${view.name}: the signer is fenced: ${files.fence}`]),
    ...(view.signing.kind === "active" && !view.signing.attached
      ? [`${view.name}: the signer is not connected to ${view.signing.node}`]
      : []),
    ...(slashing?.kind === "unknown" ? [`${view.name}: whether its signatures are on the chain is not known: ${slashing.reason}`] : []),
    ...(view.inSet === false && view.jailedUntilMs === undefined
      ? [`${view.name} is not in the validator set: there is nothing to sign yet`]
      : []),
    ...(wanted > 0 && standbys.length === 0 ? [`${view.name}: no standby is ready to take over`] : []),
  ]
}

/** Without it an api has no node, and users have a door less. */
function balancerWarnings(topology: Topology, observed: Observed): string[] {
  return balancersOf(topology).flatMap(({ name, host }) => {
    const seen = valueIn(observed.hosts.get(host))
    if (seen === undefined) return []
    const service = serviceName.balancer(name)
    const status = containerOf(topology, seen, service)?.status ?? "not there"
    return status === "running" ? [] : [`${service} on ${host} is ${status}; run gonka-ha up`]
  })
}

function isReadyStandby(topology: Topology, observed: Observed, name: string): boolean {
  const node = nodeOf(topology, name)
  const host = valueIn(observed.hosts.get(node.host))
  const waits = isParked(topology, host, node) || runsPlain(topology, host, node)
  return healthOf(observed, name, topology.policy).verdict === "fresh" && waits
}

function nodeRow(topology: Topology, observed: Observed, node: ChainNode, validators: readonly ValidatorView[]): NodeRow {
  const seen = valueIn(observed.nodes.get(node.name))
  const tip = chainTip(observed)
  return {
    name: node.name,
    host: node.host,
    pool: node.role,
    role: roleOf(node, validators),
    height: seen?.height,
    lagBlocks: seen && tip ? tip.height - seen.height : undefined,
    ageMs: seen?.ageMs,
    peers: seen?.peerIds.length,
    health: healthOf(observed, node.name, topology.policy),
    port: portOf(topology, observed, node, validators),
  }
}

function roleOf(node: ChainNode, validators: readonly ValidatorView[]): string {
  if (node.role === "sentry") return "sentry"
  if (validators.some(({ signing }) => signing.kind === "active" && signing.node === node.name)) return "validator"
  return node.candidateOf.length > 0 ? "standby" : "private"
}

function portOf(topology: Topology, observed: Observed, node: ChainNode, validators: readonly ValidatorView[]): NodeRow["port"] {
  if (node.candidateOf.length === 0) return undefined
  if (validators.some(({ signing }) => signing.kind === "active" && signing.node === node.name && signing.attached)) return "signer"
  const host = observed.hosts.get(node.host)
  if (!host || host.kind === "unknown") return "unknown"
  // What a node runs without, nobody can hold.
  return runsPlain(topology, host.value, node) ? "plain" : isParked(topology, host.value, node) ? "parking" : "none"
}

function nodeWarnings(topology: Topology, observed: Observed, row: NodeRow, validators: readonly ValidatorView[]): string[] {
  const host = observed.hosts.get(row.host)
  if (host?.kind === "unknown") return []
  const isAimedAt = validators.some(
    ({ signing }) => (signing.kind === "active" && signing.node === row.name) || (signing.kind === "stopped" && signing.aim === row.name),
  )
  if (row.port === "none" && !isAimedAt && valueIn(host)?.owners.get(row.name) === "validator")
    return [`${row.name} waits for the validator's signer, which has moved; run gonka-ha up to park it`]
  if (topology.policy.standby === "hot" && valueIn(host)?.owners.get(row.name) === "plain")
    return [`${row.name} is a plain standby, and the topology file wants a parked one; run gonka-ha up`]
  return row.health.verdict === "fresh" || everythingIsStale(observed, topology.policy)
    ? []
    : [`${row.name} is ${row.health.verdict}: ${row.health.reasons.join("; ")}`]
}
