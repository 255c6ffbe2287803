import { type Observed, valueIn } from "../observe/state.ts"
import { containerOf, whoSigns } from "../observe/who-signs.ts"
import { type Balancer, type ChainNode, nodeOf, serviceName, type Topology, upstreamsOf, type Validator } from "../topology.ts"
import type { Step } from "./step.ts"

/**
 * A part of what `up` does, which fails alone: the files of one host, one node, one signer, or one load balancer. Its steps follow each
 * other; between units hosts are looked at anew.
 */
export type UpUnit = {
  readonly kind: "install" | "node" | "signer" | "balancer"
  /** Name of the host, the node, the validator, or the api instance or entry point. */
  readonly id: string
  readonly host: string
  readonly role: ChainNode["role"] | undefined
  /** Touches something that serves or signs: alone among its kind, and only while enough others are well. */
  readonly isCareful: boolean
  /** Validators whose signers' locks its steps may take. */
  readonly validators: readonly string[]
  /** Names of units without which it cannot begin; those that bring its host's files are among them. */
  readonly needs: readonly UnitName[]
  /** The unit that brings the files of its host, where that is another one and there is something to bring. */
  readonly files: readonly UnitName[]
  /** Names of units that it waits for, however they end. */
  readonly after: readonly UnitName[]
  readonly steps: readonly Step[]
}

/** Kind and id. */
export type UnitName = string

export const unitName = ({ kind, id }: Pick<UpUnit, "kind" | "id">): UnitName => `${kind}:${id}`

/** A unit that may be one of another plan, in an operator's words. */
export function titleOf(name: UnitName): string {
  const at = name.indexOf(":")
  return unitTitle({ kind: name.slice(0, at) as UpUnit["kind"], id: name.slice(at + 1) })
}

/** In an operator's words. */
export function unitTitle({ kind, id }: Pick<UpUnit, "kind" | "id">): string {
  return { install: `files of ${id}`, node: id, signer: `signer of ${id}`, balancer: serviceName.balancer(id) }[kind]
}

type NodeSteps = {
  readonly node: ChainNode
  readonly isNew: boolean
  readonly steps: readonly Step[]
  /** Given where it is brought up once its validator has been promoted away from it. */
  readonly move?: unknown
}
type SignerSteps = { readonly validator: Validator; readonly steps: readonly Step[] }
type BalancerSteps = { readonly balancer: Balancer; readonly steps: readonly Step[] }

/**
 * The units of a plan in order. Nodes that run come first, sentries before private ones, then those that are new; load balancers come last, when
 * what they lead to is as it will be.
 *
 * Where nothing runs yet, files are installed at once. Elsewhere they come right before the first node of their host, or its load balancer: a
 * container that its engine happens to start again takes them, so that files for all hosts at once would try a bad setting everywhere.
 */
export function unitsOf(
  topology: Topology,
  observed: Observed,
  installations: ReadonlyMap<string, { readonly steps: readonly Step[] }>,
  nodes: readonly NodeSteps[],
  signers: readonly SignerSteps[],
  balancers: readonly BalancerSteps[] = [],
): readonly UpUnit[] {
  const touched = [...nodes.filter(({ isNew }) => !isNew), ...nodes.filter(({ isNew }) => isNew)].filter(({ steps }) => steps.length > 0)
  const touchedSigners = signers.filter(({ steps }) => steps.length > 0)
  const touchedBalancers = balancers.filter(({ steps }) => steps.length > 0)
  const withFiles = new Map<string, UnitName>()
  const bear = (host: string, unit: Pick<UpUnit, "kind" | "id">) => {
    if (runsSomething(topology, observed, host) && !withFiles.has(host)) withFiles.set(host, unitName(unit))
  }
  for (const { node } of touched) bear(node.host, { kind: "node", id: node.name })
  // Nodes and signers, and promotions between them, come before all load balancers, and must not wait for one.
  const beforehand = new Set([...topology.nodes.map(({ host }) => host), ...topology.validators.map(({ signerHost }) => signerHost)])
  for (const { balancer } of touchedBalancers)
    if (!beforehand.has(balancer.host)) bear(balancer.host, { kind: "balancer", id: balancer.name })
  const filesOf = (host: string) => installations.get(host)?.steps ?? []
  const installs = [...installations].flatMap(([host, { steps }]): UpUnit[] =>
    steps.length === 0 || withFiles.has(host)
      ? []
      : [{ kind: "install", id: host, host, role: undefined, isCareful: false, validators: [], needs: [], files: [], after: [], steps }],
  )
  const installed = new Set(installs.map(({ host }) => host))
  /** What brings a host's files, other than the named unit itself. */
  const filesOn = (host: string, besides?: UnitName): readonly UnitName[] => {
    if (installed.has(host)) return [unitName({ kind: "install", id: host })]
    const bearer = withFiles.get(host)
    return bearer === undefined || bearer === besides || filesOf(host).length === 0 ? [] : [bearer]
  }
  const withOwnFiles = (host: string, unit: UnitName, steps: readonly Step[]) =>
    withFiles.get(host) === unit ? [...filesOf(host), ...steps] : steps
  const nodeUnits = touched.map(({ node, isNew, steps }): UpUnit => {
    const name = unitName({ kind: "node", id: node.name })
    return {
      kind: "node",
      id: node.name,
      host: node.host,
      role: node.role,
      isCareful: !isNew && isUp(topology, observed, node),
      validators: node.candidateOf,
      needs: filesOn(node.host, name),
      files: filesOn(node.host, name),
      after: [],
      steps: withOwnFiles(node.host, name, steps),
    }
  })
  const signerUnits = touchedSigners.map(({ validator, steps }): UpUnit => {
    const at = whereItStarts(topology, observed, validator)
    const isTouched = (name: string) => nodeUnits.some(({ id }) => id === name)
    return {
      kind: "signer",
      id: validator.name,
      host: validator.signerHost,
      role: undefined,
      isCareful: true,
      validators: [validator.name],
      needs: [...filesOn(validator.signerHost), ...(isTouched(at) ? [unitName({ kind: "node", id: at })] : [])],
      files: filesOn(validator.signerHost),
      after: validator.candidates.filter(isTouched).map((id) => unitName({ kind: "node", id })),
      steps,
    }
  })
  const earlier = [...nodeUnits, ...signerUnits].map(unitName)
  const changing = new Set([...touched, ...nodes.filter(({ move }) => move !== undefined)].map(({ node }) => node.name))
  const isOpen = ({ balancer }: BalancerSteps) => runsService(topology, observed, balancer.host, serviceName.balancer(balancer.name))
  // What is down has nothing to lose, and shows first whether the new files are any good.
  const inOrder = [...touchedBalancers.filter((each) => !isOpen(each)), ...touchedBalancers.filter(isOpen)]
  const balancerUnits = inOrder.map((each, index): UpUnit => {
    const { balancer, steps } = each
    const name = unitName({ kind: "balancer", id: balancer.name })
    const before = inOrder.slice(0, index).filter(({ balancer: other }) => other.kind === balancer.kind)
    return {
      kind: "balancer",
      id: balancer.name,
      host: balancer.host,
      role: undefined,
      isCareful: isOpen(each),
      validators: [],
      // While one door stays shut, the next one of its kind is not closed; and none that leads to nodes is turned to others that failed.
      needs: [
        ...filesOn(balancer.host, name),
        ...(isOpen(each) ? before.map(({ balancer: other }) => unitName({ kind: "balancer", id: other.name })) : []),
        ...(isOpen(each) ? upstreamsOf(topology, balancer) : [])
          .filter((node) => changing.has(node))
          .map((node) => unitName({ kind: "node", id: node })),
      ],
      files: filesOn(balancer.host, name),
      after: earlier,
      steps: withOwnFiles(balancer.host, name, steps),
    }
  })
  return [...installs, ...nodeUnits, ...signerUnits, ...balancerUnits]
}

function whereItStarts(topology: Topology, observed: Observed, validator: Validator): string {
  const who = whoSigns(topology, observed, validator)
  return who.kind === "stopped" && who.aim !== undefined ? nodeOf(topology, who.aim).name : validator.firstActive
}

/** Also a container that ends and is started again and again: its engine gives it the files that it finds. */
function runsSomething(topology: Topology, observed: Observed, host: string): boolean {
  return (valueIn(observed.hosts.get(host))?.containers ?? []).some(
    ({ deployment, status }) => deployment === topology.deployment && (status === "running" || status === "restarting"),
  )
}

function isUp(topology: Topology, observed: Observed, { name, host }: ChainNode): boolean {
  return runsService(topology, observed, host, serviceName.node(name))
}

function runsService(topology: Topology, observed: Observed, host: string, service: string): boolean {
  const seen = valueIn(observed.hosts.get(host))
  return (seen && containerOf(topology, seen, service))?.status === "running"
}
