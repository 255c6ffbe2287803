import type { Issue } from "../issue.ts"
import type { ChainData } from "../observe/chain-data.ts"
import { healthOf } from "../observe/health.ts"
import { type Observed, valueIn } from "../observe/state.ts"
import { containerOf, whoSigns } from "../observe/who-signs.ts"
import type { FileSet } from "../render/fileset.ts"
import { sizeText } from "../size-text.ts"
import { type ChainNode, serviceName, type Topology, validatorOf } from "../topology.ts"
import { isTooLittle } from "./preflight/disk.ts"
import { refuse } from "./preflight/refusal.ts"
import { lossesWithout } from "./resync-losses.ts"
import type { Step } from "./step.ts"
import { containerReasons, portReasons, signerReasons } from "./stop-reasons.ts"

export type ResyncPlan = {
  readonly node: string
  readonly from: string | undefined
  readonly steps: readonly Step[]
  /** What is good to know before it begins, one sentence each. */
  readonly notes: readonly string[]
  /** What it costs, one sentence for each who pays; empty when nobody does. */
  readonly costs: readonly string[]
  /** Validators whose signers' locks it takes. */
  readonly validators: readonly string[]
}

/** A node with what lies in its home. */
export type Measured = { readonly node: ChainNode; readonly data: ChainData }

export type ResyncRequest = {
  readonly target: Measured
  /** Whose chain data is copied; undefined where the node begins as a new one does. */
  readonly sibling: Measured | undefined
  readonly costAccepted: boolean
}

const GIB = 1024 ** 3
/** Of a snapshot nobody knows the size before it is there. */
const ROOM_FOR_SNAPSHOT = { bytes: 5 * GIB, percent: 10 }
/** What the node writes while it catches up from the copied height. */
const ROOM_BESIDE_COPY_BYTES = GIB / 2

/**
 * What it takes to give a node new chain data. Who signs is not changed, no key and no signer's state is touched, and what the node had is
 * set aside and not deleted.
 */
export function planResync(
  topology: Topology,
  files: FileSet,
  observed: Observed,
  { target, sibling, costAccepted }: ResyncRequest,
): ResyncPlan | { readonly refused: readonly Issue[] } {
  const stopped = [target.node, ...(sibling ? [sibling.node] : [])]
  const costs = stopped.flatMap((node) => lossesWithout(topology, observed, node))
  const refused = [
    ...stopped.flatMap((node) => stopReasons(topology, files, observed, node)),
    ...placeReasons(target),
    ...(sibling ? siblingReasons(topology, observed, target, sibling) : sourceReasons(topology, observed, target.node)),
    ...roomReasons(target, sibling),
    ...(costAccepted ? [] : costs.map((cost) => refuse(target.node.name, cost, ACCEPT))),
  ]
  if (refused.length > 0) return { refused }
  return {
    node: target.node.name,
    from: sibling?.node.name,
    steps: [
      ...(sibling ? copySteps(topology, observed, target.node, sibling.node) : []),
      ...renewSteps(topology, observed, target.node, sibling !== undefined),
    ],
    notes: [...wayNotes(target, sibling), ...asideNotes(target)],
    costs,
    validators: [...new Set(stopped.flatMap(({ candidateOf }) => candidateOf))],
  }
}

const ACCEPT = "mend another node first, or accept it with --cost-accepted"

function stopReasons(topology: Topology, files: FileSet, observed: Observed, node: ChainNode): Issue[] {
  const active = node.candidateOf.filter((name) => {
    const who = whoSigns(topology, observed, validatorOf(topology, name))
    return who.kind === "active" && who.node === node.name
  })
  return [
    ...containerReasons(topology, files, observed, node),
    ...node.candidateOf.flatMap((name) => signerReasons(topology, observed, validatorOf(topology, name), node)),
    ...active.map((name) => refuse(name, `signs through ${node.name}, which is not stopped for this`, "promote another node first")),
    ...portReasons(observed, node, active.length > 0),
  ]
}

function placeReasons({ node, data }: Measured): Issue[] {
  if (data.place === "ordinary") return []
  const what = data.place === "link" ? "a link" : "a file system of its own"
  return [refuse(node.name, `its data directory is ${what}, and cannot be set aside by renaming it`, "resync it by hand, or move the data")]
}

/** The sibling's data must fit the node's program, and must be good: a copy of what stands still helps nobody. */
function siblingReasons(topology: Topology, observed: Observed, target: Measured, { node: sibling, data }: Measured): Issue[] {
  const { name } = sibling
  const health = healthOf(observed, name, topology.policy)
  const network = valueIn(observed.nodes.get(name))?.network
  const [own, others] = [target.node, sibling].map((node) => imageOf(topology, observed, node))
  return [
    ...(health.verdict === "fresh"
      ? []
      : [refuse(name, `is ${health.verdict}: ${health.reasons.join("; ")}`, "copy from a node that is fresh, or leave --from out")]),
    ...(network === undefined || network === topology.chain.id
      ? []
      : [refuse(name, `is on the chain ${network}, not ${topology.chain.id}`, "copy from another node")]),
    ...(own === others
      ? []
      : [refuse(name, `runs ${others ?? "no image"}, and ${target.node.name} runs ${own ?? "none"}`, "run `gonka-ha up` first")]),
    ...(data.program === target.data.program
      ? []
      : [
          refuse(
            name,
            `cosmovisor runs another program there than at ${target.node.name}: one of them has taken an upgrade that the other has not`,
            `leave --from out, or bring the same program to ${target.node.name} first`,
          ),
        ]),
    ...(data.dataBytes > 0 ? [] : [refuse(name, "has no chain data", "copy from another node")]),
  ]
}

function imageOf(topology: Topology, observed: Observed, node: ChainNode): string | undefined {
  const host = valueIn(observed.hosts.get(node.host))
  return host && containerOf(topology, host, serviceName.node(node.name))?.image
}

/** A node that begins at the sentries' snapshots waits for ever where no sentry can give one. */
function sourceReasons(topology: Topology, observed: Observed, node: ChainNode): Issue[] {
  if (node.bootstrap !== "sentries") return []
  const givers = topology.nodes.filter((other) => other.role === "sentry" && other.snapshots !== undefined && other.name !== node.name)
  return givers.some(({ name }) => healthOf(observed, name, topology.policy).verdict === "fresh")
    ? []
    : [
        refuse(
          node.name,
          `it would begin at a snapshot of ${givers.map(({ name }) => name).join(", ") || "a sentry"}, and no sentry that keeps some is fresh`,
          "mend a sentry first, or copy from a sibling with --from",
        ),
      ]
}

function roomReasons({ node, data }: Measured, sibling: Measured | undefined): Issue[] {
  if (data.disk.kind === "unknown")
    return [refuse(node.host, `the free space for ${node.name} is not known: ${data.disk.reason}`, "look with `df`")]
  const { freeBytes, totalBytes } = data.disk.value
  const fix =
    data.asideBytes > 0
      ? `make room; earlier data that was set aside takes ${sizeText(data.asideBytes)}`
      : "make room: the data that the node has now is kept until the new one is fresh"
  // What is left of an unfinished copy goes before the next one comes.
  const room = freeBytes + data.incomingBytes
  const needed = sibling === undefined ? undefined : sibling.data.dataBytes + ROOM_BESIDE_COPY_BYTES
  if (needed !== undefined)
    return room >= needed ? [] : [refuse(node.host, `${sizeText(room)} are free, and the copy needs ${sizeText(needed)}`, fix)]
  return isTooLittle({ freeBytes: room, totalBytes }, ROOM_FOR_SNAPSHOT)
    ? [
        refuse(
          node.host,
          `${sizeText(room)} are free, and ${sizeText(ROOM_FOR_SNAPSHOT.bytes)} or ${ROOM_FOR_SNAPSHOT.percent} % must be`,
          fix,
        ),
      ]
    : []
}

/** The sibling is back before the node is touched: they are never away both at once. */
function copySteps(topology: Topology, observed: Observed, node: ChainNode, sibling: ChainNode): Step[] {
  return [
    {
      kind: "data.copy",
      args: { node: node.name, from: sibling.name },
      cause: "the data of a node that runs cannot be copied; it is started again whatever comes of the copy",
    },
    ...parkSteps(topology, observed, sibling),
    { kind: "node.fresh", args: { node: sibling.name }, cause: "no second node is taken away before it is back" },
  ]
}

function renewSteps(topology: Topology, observed: Observed, node: ChainNode, isCopied: boolean): Step[] {
  return [
    {
      kind: "data.renew",
      args: { node: node.name, ...(isCopied ? { copied: true as const } : {}) },
      cause: isCopied ? "the copy is complete" : "without data it begins as a new node does",
    },
    ...parkSteps(topology, observed, node),
    { kind: "node.fresh", args: { node: node.name }, cause: "only then what was set aside is not needed any more" },
  ]
}

/** A hot standby only runs on with its parking signer. */
function parkSteps(topology: Topology, observed: Observed, node: ChainNode): Step[] {
  const host = valueIn(observed.hosts.get(node.host))
  const isHot = host?.owners.get(node.name) === "parking" && containerOf(topology, host, serviceName.parking(node.name)) !== undefined
  return isHot
    ? [{ kind: "standby.park", args: { node: node.name }, cause: `${node.name} follows the chain only with a signer on its port` }]
    : []
}

const WAYS: Readonly<Record<ChainNode["bootstrap"], string>> = {
  genesis: "it runs the whole chain again from its first block (bootstrap: genesis); a copy with --from is quicker as a rule",
  network: "it begins at a snapshot of the network, at a block on which two of chain.stateSync.rpc agree",
  sentries: "it begins at a snapshot of the deployment's own sentries, at a block on which two sources agree",
}

function wayNotes({ node }: Measured, sibling: Measured | undefined): string[] {
  if (!sibling) return [WAYS[node.bootstrap]]
  const { node: other, data } = sibling
  const way = other.host === node.host ? `on ${node.host}` : `from ${other.host} to ${node.host} through this machine`
  const differs = other.pruning.keepStates !== node.pruning.keepStates || other.pruning.keepBlocks !== node.pruning.keepBlocks
  const kept = differs
    ? [`${other.name} keeps another stretch of the past than ${node.name} is to: after the copy it has what ${other.name} had`]
    : []
  return [`about ${sizeText(data.dataBytes)} are copied ${way}, and ${other.name} stands still for that long`, ...kept]
}

function asideNotes({ node, data }: Measured): string[] {
  const now = `the ${sizeText(data.dataBytes)} that ${node.name} has now are set aside on ${node.host}, and nothing is deleted`
  return data.asideBytes > 0 ? [now, `${sizeText(data.asideBytes)} that earlier resyncs have set aside lie there, too`] : [now]
}
