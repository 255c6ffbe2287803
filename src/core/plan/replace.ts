import type { FenceMethod } from "../fence-methods.ts"
import { healthOf } from "../observe/health.ts"
import { type HostSeen, type Observed, valueIn } from "../observe/state.ts"
import { containerOf, whoSigns } from "../observe/who-signs.ts"
import type { SecretFile } from "../ports.ts"
import type { FileSet } from "../render/fileset.ts"
import { layout } from "../render/layout.ts"
import { type ChainNode, nodeOf, serviceName, type Topology, type Validator } from "../topology.ts"
import { isParked } from "./parked.ts"
import { lacksPort } from "./plain.ts"
import type { Step } from "./step.ts"

/** Blocks without a signature of the key before anything of its new signer is made. */
export const SILENT_BLOCKS = 5

export type Replacement = {
  readonly topology: Topology
  readonly files: FileSet
  readonly secrets: readonly SecretFile[]
  readonly validator: Validator
  /** The lost host. */
  readonly host: string
  readonly method: FenceMethod
  /** The newest block when the fence was attested. */
  readonly tip: number
  /** The node at which the new signer starts. */
  readonly to: string
}

/**
 * The first part: the lost signer is cut off, its key is seen to be silent, and every node that it could dial moves its port. A node cannot
 * tell signers apart, so the closed port is what keeps the old one out whatever becomes of its host.
 */
export function planFenceOff(replacement: Replacement, observed: Observed): Step[] {
  const { topology, validator, host, method, tip } = replacement
  const moving = nodesToMove(replacement, observed)
  return [
    {
      kind: "signer.fence",
      args: { validator: validator.name, host, method },
      cause: "two signers of one key are punished for good, and the lost one cannot be asked",
    },
    {
      kind: "chain.silent",
      args: { validator: validator.name, tip, blocks: SILENT_BLOCKS },
      cause: "a signature now would prove that the fence has failed",
    },
    ...filesOfOtherSigners(topology, replacement.files, validator, observed),
    ...moving.flatMap((node) => movePort(replacement, observed, node)),
  ]
}

/** The second part, when no node has the old port any more: the new signer is made, and its key comes last. */
export function planNewSigner(replacement: Replacement, observed: Observed): Step[] {
  const { topology, files, validator, host, to } = replacement
  const { signerHost, name } = validator
  const service = serviceName.signer(name)
  const present = valueIn(observed.hosts.get(signerHost))
  const container = present && containerOf(topology, present, service)
  const create: Step[] =
    container?.digest === files.get(signerHost)?.serviceDigests.get(service)
      ? []
      : [{ kind: "service.create", args: { host: signerHost, service }, cause: "its image is there by the time when it is needed" }]
  return [
    ...push(files, observed, signerHost, "the signer starts on what is rendered"),
    ...secretsOf(replacement, observed, (path) => path !== consensusKey(validator), "what it needs besides the consensus key"),
    {
      kind: "signer.seal",
      args: { validator: name, host },
      cause: "the last state is lost with its host: the new signer refuses everything that the old one can have signed",
    },
    ...create,
    {
      kind: "chain.past-seal",
      args: { validator: name, node: to },
      cause: "a node below the sealed height would stall, and the key must be silent up to there",
    },
    ...secretsOf(replacement, observed, (path) => path === consensusKey(validator), "the key comes last: from here on it can sign again"),
  ]
}

/** Candidates that cannot move their port now, because another validator signs through them; each with that validator. */
export function heldCandidates(replacement: Replacement, observed: Observed): readonly { readonly node: string; readonly by: string }[] {
  return candidatesOf(replacement).flatMap((node) => {
    const by = seatOf(replacement, observed, node)
    return by === undefined || !hasOldPort(replacement, observed, node) ? [] : [{ node: node.name, by }]
  })
}

/** Where the new signer starts: at the node that the old one served, which lost it, where that is well; else at the first one that is. */
export function targetOf(topology: Topology, observed: Observed, validator: Validator, host: string): string | undefined {
  const open = validator.candidates
    .map((name) => nodeOf(topology, name))
    .filter((node) => node.host !== host && observed.nodes.get(node.name)?.kind === "seen")
    .filter((node) => otherSeat(topology, observed, validator, node) === undefined)
    // Those that only a person may choose come last.
    .sort((a, b) => Number(validator.noFailover.includes(a.name)) - Number(validator.noFailover.includes(b.name)))
  const fresh = open.filter((node) => healthOf(observed, node.name, topology.policy).verdict === "fresh")
  const served = (node: ChainNode) => valueIn(observed.hosts.get(node.host))?.owners.get(node.name) === "validator"
  // The node that was served has stood still since it lost its signer: it catches up parked, like any other that answers.
  return (fresh.find(served) ?? fresh[0] ?? open.find(served) ?? open[0])?.name
}

/** The target first, so that as much time as possible is left for it to catch up. */
function nodesToMove(replacement: Replacement, observed: Observed): readonly ChainNode[] {
  return candidatesOf(replacement)
    .filter((node) => seatOf(replacement, observed, node) === undefined)
    .sort((a, b) => Number(b.name === replacement.to) - Number(a.name === replacement.to))
}

function candidatesOf({ topology, validator, host }: Replacement): readonly ChainNode[] {
  return validator.candidates.map((name) => nodeOf(topology, name)).filter((node) => node.host !== host)
}

function seatOf({ topology, validator }: Replacement, observed: Observed, node: ChainNode): string | undefined {
  return otherSeat(topology, observed, validator, node)
}

function otherSeat(topology: Topology, observed: Observed, validator: Validator, node: ChainNode): string | undefined {
  return topology.validators.find((other) => {
    if (other.name === validator.name) return false
    const who = whoSigns(topology, observed, other)
    return (who.kind === "active" && who.node === node.name) || (who.kind === "stopped" && who.aim === node.name)
  })?.name
}

/** A node's container is made anew when its published port changes; until then the old one is open. */
function hasOldPort({ topology, files }: Replacement, observed: Observed, node: ChainNode): boolean {
  const host = valueIn(observed.hosts.get(node.host))
  const service = serviceName.node(node.name)
  const container = host && containerOf(topology, host, service)
  return container?.digest !== files.get(node.host)?.serviceDigests.get(service)
}

function movePort(replacement: Replacement, observed: Observed, node: ChainNode): Step[] {
  const { topology, files } = replacement
  const host = valueIn(observed.hosts.get(node.host))
  const parked = isParked(topology, host, node)
  const moves = hasOldPort(replacement, observed, node)
  const lacks = !moves && lacksPort(topology, host, node)
  if (!moves && parked && runs(topology, host, serviceName.node(node.name))) return []
  const parking = serviceName.parking(node.name)
  const give: Step[] =
    host?.owners.get(node.name) === "parking"
      ? []
      : [
          {
            kind: "port.give",
            args: { node: node.name, owner: "parking" },
            cause: "no signer of this validator is left, and the node follows the chain only with one",
          },
        ]
  const raise: Step[] =
    runs(topology, host, parking) && !isOutdated(topology, files, host, node, parking)
      ? []
      : [{ kind: "service.up", args: { host: node.host, service: parking }, cause: `${node.name} is to be parked` }]
  const answered = observed.nodes.get(node.name)?.kind === "seen" || node.name === replacement.to
  return [
    ...push(files, observed, node.host, `the privval port of ${node.name} is ${node.ports.privval} from now on`),
    ...give,
    ...raise,
    lacks
      ? { kind: "node.restart", args: { node: node.name }, cause: `${node.name} runs without a privval port` }
      : {
          kind: "service.up",
          args: { host: node.host, service: node.name },
          cause: `closes the port that the signer on ${replacement.host} dials`,
        },
    { kind: "standby.park", args: { node: node.name }, cause: `${node.name} follows the chain only with a signer on its port` },
    ...(answered ? [{ kind: "node.fresh" as const, args: { node: node.name }, cause: "the next step relies on it" }] : []),
  ]
}

function runs(topology: Topology, host: HostSeen | undefined, service: string): boolean {
  return (host && containerOf(topology, host, service))?.status === "running"
}

function isOutdated(topology: Topology, files: FileSet, host: HostSeen | undefined, node: ChainNode, service: string): boolean {
  return (host && containerOf(topology, host, service))?.digest !== files.get(node.host)?.serviceDigests.get(service)
}

/** Signers of other validators that share the nodes find them at the new port when they are moved there. */
function filesOfOtherSigners(topology: Topology, files: FileSet, validator: Validator, observed: Observed): Step[] {
  const sharing = topology.validators.filter(
    (other) => other.name !== validator.name && other.candidates.some((node) => validator.candidates.includes(node)),
  )
  return sharing.flatMap((other) =>
    push(files, observed, other.signerHost, `the nodes that ${other.name} shares move their ports`, `${layout.signer.config(other.name)}/`),
  )
}

/** Files of a host that differ, below a directory where one is named. */
function push(files: FileSet, observed: Observed, host: string, cause: string, below = ""): Step[] {
  const installed = valueIn(observed.hosts.get(host))?.files
  const paths = (files.get(host)?.files ?? [])
    .filter(({ path, sha256 }) => path.startsWith(below) && installed?.get(path) !== sha256)
    .map(({ path }) => path)
  return paths.length === 0 ? [] : [{ kind: "files.push", args: { host, paths }, cause }]
}

function secretsOf({ secrets, validator }: Replacement, observed: Observed, which: (path: string) => boolean, cause: string): Step[] {
  const installed = valueIn(observed.hosts.get(validator.signerHost))?.files
  const paths = secrets
    .filter(({ host, path }) => host === validator.signerHost && path.startsWith(`${layout.secrets.signer(validator.name)}/`))
    .map(({ path }) => path)
    .filter((path) => which(path) && installed?.has(path) !== true)
  return paths.length === 0 ? [] : [{ kind: "secrets.push", args: { host: validator.signerHost, paths }, cause }]
}

export function consensusKey({ name }: Pick<Validator, "name">): string {
  return `${layout.secrets.signer(name)}/consensus.key`
}
