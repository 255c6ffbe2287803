import { type HostSeen, type NodeSeen, type Reading, unknown } from "../observe/state.ts"
import type { ChainNode, Host, Topology, Validator } from "../topology.ts"
import type { Finding, Scope, Verdict } from "./doctor-report.ts"
import type { DoctorFacts } from "./facts.ts"
import type { HostProbe } from "./host-probe.ts"

/** What a check says of one host, node or validator, or of the deployment. */
export type Judged = { readonly verdict: Verdict; readonly measured: string }

export const AREAS = ["host", "container", "network", "file", "node", "signer", "validator", "record"] as const
export type Area = (typeof AREAS)[number]

export const AREA_TITLES: Readonly<Record<Area, string>> = {
  host: "Hosts",
  container: "Containers",
  network: "Network",
  file: "Files",
  node: "Nodes",
  signer: "Signers",
  validator: "Validators",
  record: "Records",
}

/** One question with one answer per subject. */
export type Check = {
  /** `AREA.WORD`; stable, for scripts. */
  readonly id: `${Area}.${string}`
  /** What must hold, as a sentence. */
  readonly title: string
  /** What hurts when it does not hold. */
  readonly why: string
  readonly scope: Scope
  /** The limit, in words and numbers. */
  readonly threshold: string | ((topology: Topology) => string)
  readonly fix: string
  /** Nothing about a subject means that the check does not apply to it. Never throws. */
  readonly judge: (facts: DoctorFacts) => readonly Finding[]
}

export const ok = (measured: string): Judged => ({ verdict: "ok", measured })
export const warn = (measured: string): Judged => ({ verdict: "warn", measured })
export const bad = (measured: string): Judged => ({ verdict: "bad", measured })
export const unclear = (reason: string): Judged => ({ verdict: "unknown", measured: reason })

/** What is not known is said, and judged by nobody. */
export function judged<T>(reading: Reading<T>, judge: (value: T) => Judged | undefined): Judged | undefined {
  return reading.kind === "unknown" ? unclear(reading.reason) : judge(reading.value)
}

/** Everything in a list is as it should be, or the first ones that are not are named. */
export function none(wrong: readonly string[], verdict: typeof warn, otherwise: string): Judged {
  return wrong.length === 0 ? ok(otherwise) : verdict(listed(wrong))
}

const MOST_NAMED = 4

export function listed(names: readonly string[]): string {
  const rest = names.length - MOST_NAMED
  return rest > 0 ? `${names.slice(0, MOST_NAMED).join(", ")} and ${rest} more` : names.join(", ")
}

/** Asks every host about what it measured itself. */
export function ofHosts(judge: (probe: HostProbe, host: Host, facts: DoctorFacts) => Judged | undefined): Check["judge"] {
  return (facts) =>
    each(
      facts.topology.hosts,
      ({ name }) => facts.probes.get(name),
      (probe, host) => judge(probe, host, facts),
    )
}

/** Asks every host about what every command sees of it. */
export function ofSeenHosts(judge: (seen: HostSeen, host: Host, facts: DoctorFacts) => Judged | undefined): Check["judge"] {
  return (facts) =>
    each(
      facts.topology.hosts,
      ({ name }) => facts.observed.hosts.get(name),
      (seen, host) => judge(seen, host, facts),
    )
}

export function ofNodes(
  judge: (seen: NodeSeen, node: ChainNode, facts: DoctorFacts) => Judged | undefined,
  applies: (node: ChainNode) => boolean = () => true,
): Check["judge"] {
  return (facts) =>
    each(
      facts.topology.nodes.filter(applies),
      ({ name }) => facts.observed.nodes.get(name),
      (seen, node) => judge(seen, node, facts),
    )
}

/** Nodes, with what their host measured. */
export function ofProbedNodes(
  judge: (probe: HostProbe, node: ChainNode, facts: DoctorFacts) => Judged | undefined,
  applies: (node: ChainNode) => boolean = () => true,
): Check["judge"] {
  return (facts) =>
    each(
      facts.topology.nodes.filter(applies),
      ({ host }) => facts.probes.get(host),
      (probe, node) => judge(probe, node, facts),
    )
}

/** Judges what was read of each subject; what was not read is unknown. */
function each<S extends { readonly name: string }, T>(
  subjects: readonly S[],
  readingOf: (subject: S) => Reading<T> | undefined,
  judge: (value: T, subject: S) => Judged | undefined,
): readonly Finding[] {
  return subjects.flatMap((subject) =>
    about(
      subject.name,
      judged(readingOf(subject) ?? unknown("it was not looked at"), (value) => judge(value, subject)),
    ),
  )
}

export function ofValidators(judge: (validator: Validator, facts: DoctorFacts) => Judged | undefined): Check["judge"] {
  return (facts) => facts.topology.validators.flatMap((validator) => about(validator.name, judge(validator, facts)))
}

export function ofDeployment(judge: (facts: DoctorFacts) => Judged | undefined): Check["judge"] {
  return (facts) => about(facts.topology.deployment, judge(facts))
}

/** What the host of a validator's signer shows, or that it shows nothing. */
export function onSignerHost(
  validator: Validator,
  { observed }: DoctorFacts,
  judge: (host: HostSeen) => Judged | undefined,
): Judged | undefined {
  return judged(observed.hosts.get(validator.signerHost) ?? unknown("it was not looked at"), judge)
}

function about(subject: string, judgement: Judged | undefined): readonly Finding[] {
  return judgement === undefined ? [] : [{ subject, ...judgement }]
}
