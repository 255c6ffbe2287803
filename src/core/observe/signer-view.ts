import { EXIT } from "../errors.ts"
import { layout, signerMarks } from "../render/layout.ts"
import { nodeOf, type Topology, type Validator } from "../topology.ts"
import { newestSigned } from "./jail-budget.ts"
import { type Observed, type PendingOperation, type Reading, type StateFile, seen, unknown, valueIn } from "./state.ts"
import { stateProblem } from "./state-problem.ts"
import { privvalAddress, signerContainer, type WhoSigns, whoSigns } from "./who-signs.ts"

/** Whether the key that lies on the host is the validator's own. */
export type KeyWord =
  | "pinned"
  | "missing"
  /** Its guard is of another public key, or the file is another one than this machine's. */
  | "other"
  /** Its guard pins the right public key; the file itself cannot be compared from here, and the guard does it at each start. */
  | "not compared"

/** What the guard says beside a running signer; what it would say otherwise is only known at a start. */
export type GuardWord = "ok" | { readonly refusal: string }

/** Everything that is known of one validator's signer. */
export type SignerView = {
  readonly validator: string
  readonly host: string
  /** On the host: state and control files, and what is recorded of the key outside of the deployment. */
  readonly dir: string
  readonly marks: string
  readonly signing: WhoSigns
  readonly container: Reading<{ readonly name: string; readonly status: string } | undefined>
  readonly processes: Reading<readonly { readonly pid: number; readonly connections: readonly string[] }[]>
  readonly aim: string | undefined
  /** The candidate whose privval port it is connected to. */
  readonly connectedTo: string | undefined
  readonly state: Reading<StateFile>
  readonly floor: number | undefined
  readonly fence: string | undefined
  readonly epoch: number | undefined
  readonly lockedBy: string | undefined
  readonly operation: PendingOperation | undefined
  readonly key: Reading<KeyWord>
  readonly guard: Reading<GuardWord> | undefined
  /** The newest block that carries the key's signature, among the last ones. */
  readonly signedOnChain: Reading<number | undefined>
  /** What is wrong, with the way on where there is one. */
  readonly problems: readonly string[]
  readonly exitCode: SignerExit
}

export type SignerExit = typeof EXIT.ok | typeof EXIT.degraded | typeof EXIT.critical

type Beyond = {
  /** SHA-256 of the key as this machine has it; undefined when it has none or does not read it. */
  readonly keySha256: string | undefined
  readonly guard: Reading<GuardWord> | undefined
}

export function signerView(topology: Topology, observed: Observed, validator: Validator, beyond: Beyond): SignerView {
  const reading = observed.hosts.get(validator.signerHost) ?? unknown("it was not looked at")
  const host = valueIn(reading)
  const files = host?.signers.get(validator.name)
  const container = host && signerContainer(topology, host, validator)
  const signing = whoSigns(topology, observed, validator)
  const processes = (host?.tmkms ?? []).filter(({ containerId }) => container !== undefined && containerId === container.id)
  const connections = processes.flatMap((process) => process.connections)
  const problems = problemsOf(observed, validator, signing, beyond)
  const key = keyWord(topology, observed, validator, beyond)
  return {
    validator: validator.name,
    host: validator.signerHost,
    dir: `${topology.dir}/${layout.signer.control(validator.name).replace(/\/control$/, "")}`,
    marks: signerMarks(topology, validator),
    signing,
    container: reading.kind === "seen" ? seen(container && { name: container.name, status: container.status }) : reading,
    processes: reading.kind === "seen" ? seen(processes.map(({ pid, connections: ends }) => ({ pid, connections: ends }))) : reading,
    aim: files?.aim,
    connectedTo: validator.candidates.find((candidate) => connections.includes(privvalAddress(topology, nodeOf(topology, candidate)))),
    state: reading.kind === "seen" ? seen(files?.state ?? { kind: "missing" }) : reading,
    floor: files?.floor,
    fence: files?.fence,
    epoch: files?.epoch,
    lockedBy: files?.lockedBy,
    operation: files?.operation,
    key,
    guard: beyond.guard,
    signedOnChain: signedOnChain(observed, validator),
    problems,
    exitCode: exitCodeOf(signing, problems),
  }
}

function signedOnChain(observed: Observed, validator: Validator): Reading<number | undefined> {
  const slashing = observed.slashing.get(validator.name) ?? unknown("the chain was not asked")
  return slashing.kind === "seen" ? seen(newestSigned(slashing.value.recent)) : slashing
}

function keyWord(topology: Topology, observed: Observed, validator: Validator, { keySha256, guard }: Beyond): Reading<KeyWord> {
  // It has just computed the public key from the file.
  if (guard && valueIn(guard) === "ok") return seen("pinned")
  const reading = observed.hosts.get(validator.signerHost) ?? unknown("it was not looked at")
  if (reading.kind === "unknown") return reading
  const place = reading.value.places.find(
    (candidate) => candidate.deployment === topology.deployment && candidate.validator === validator.name,
  )
  const installed = reading.value.signers.get(validator.name)?.keySha256
  if (!place?.holdsKey) return seen("missing")
  if (place.pubkey !== undefined && place.pubkey !== validator.pubkey) return seen("other")
  if (keySha256 !== undefined && installed !== undefined) return seen(installed === keySha256 ? "pinned" : "other")
  return seen("not compared")
}

function problemsOf(observed: Observed, validator: Validator, signing: WhoSigns, { guard }: Beyond): readonly string[] {
  const files = valueIn(observed.hosts.get(validator.signerHost))?.signers.get(validator.name)
  const state = signing.kind === "new" || signing.kind === "unknown" ? undefined : stateProblem(files)
  const word = guard && valueIn(guard)
  return [
    ...wrongWith(signing),
    ...(files?.fence === undefined ? [] : [`it is fenced; gonka-ha signer unfence takes the fence away: ${files.fence}`]),
    ...(state ? [`${state.message}; ${state.fix}`] : []),
    ...(files?.operation && files.lockedBy === undefined ? [halfWay(files.operation)] : []),
    ...(typeof word === "object" ? [`its guard would not let it start again: ${word.refusal}`] : []),
  ]
}

function halfWay({ kind, to }: PendingOperation): string {
  const wayOn = kind === "replace" ? "gonka-ha signer replace goes on with it" : "gonka-ha promote --resume finishes it"
  return `${kind} to ${to} was left half-way; ${wayOn}`
}

function wrongWith(signing: WhoSigns): readonly string[] {
  switch (signing.kind) {
    case "active":
      return signing.attached ? [] : [`it runs, but it is not connected to ${signing.node}`]
    case "new":
      return ["it is not set up; gonka-ha up sets it up"]
    case "stopped":
    case "unknown":
      return [signing.reason]
    case "conflict":
      return signing.reasons
  }
}

function exitCodeOf(signing: WhoSigns, problems: readonly string[]): SignerExit {
  if (signing.kind !== "active") return EXIT.critical
  return problems.length > 0 ? EXIT.degraded : EXIT.ok
}
