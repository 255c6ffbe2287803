import { hasErrors, type Issue } from "../issue.ts"
import { healthOf, positionOf } from "../observe/health.ts"
import { goOn, isOnlyReplaced } from "../observe/replaced-host.ts"
import type { HostSeen, Observed } from "../observe/state.ts"
import { valueIn } from "../observe/state.ts"
import { aheadOfChain, foreignSignatures, stateProblem } from "../observe/state-problem.ts"
import { containerOf, type WhoSigns, whoSigns } from "../observe/who-signs.ts"
import type { SecretFile } from "../ports.ts"
import type { FileSet } from "../render/fileset.ts"
import { layout } from "../render/layout.ts"
import {
  type Balancer,
  balancersOf,
  type ChainNode,
  type Host,
  hostOf,
  nodeOf,
  serviceName,
  type Topology,
  type Validator,
  validatorOf,
} from "../topology.ts"
import { isOutdated, whyToBringUp } from "./bring-up-reason.ts"
import { changedSeat, type MoveAway } from "./changed-seat.ts"
import { loweredPorts } from "./lowered-ports.ts"
import { isParked } from "./parked.ts"
import { runsPlain } from "./plain.ts"
import { plainStandby } from "./plain-standby.ts"
import { isInScope, isNamedIn, type Scope } from "./scope.ts"
import { imageAndSettings } from "./signer-image.ts"
import type { Step } from "./step.ts"
import { leftovers, newSignerRefusals, sharedSeats, strayNodes, unwantedSigners } from "./strays.ts"
import { planSwap } from "./swap.ts"
import { type UpUnit, unitsOf } from "./up-units.ts"

export type UpPlan = {
  /** Every step, in the order in which one after the other would do them. */
  readonly steps: readonly Step[]
  /** The same steps in parts that can fail without each other. */
  readonly units: readonly UpUnit[]
  /** Active nodes that are changed once their validators have been promoted away from them, after everything else. */
  readonly moves: readonly MoveAway[]
  /** What differs but is not touched, with the reason; rule zero stands behind most of it. */
  readonly heldBack: readonly Issue[]
}

export type UpOptions = {
  /** Validators whose signer was set up before, according to the records of this machine. */
  readonly recorded?: ReadonlySet<string>
  /** What is looked at alone; everything when left out. */
  readonly scope?: Scope | undefined
  /** Restart an active node whose settings changed where it is, and miss blocks for it, rather than promote another one first. */
  readonly inPlace?: boolean
}

/** Blocks that `up` wants to see signed before it calls the signer started. */
const VERIFY_BLOCKS = 2

/**
 * What it takes to make the hosts match the files. No step changes which node signs: a signer is only started where it was, or where it starts
 * for the first time. A changed active node is left through a promotion, which is no step but a move of its own.
 *
 * Hosts that cannot be asked are left out; whoever calls decides whether there may be any.
 */
export function planUp(
  topology: Topology,
  files: FileSet,
  secrets: readonly SecretFile[],
  observed: Observed,
  { recorded = new Set(), scope, inPlace = false }: UpOptions = {},
): UpPlan | { readonly refused: readonly Issue[] } {
  const refused = [
    ...secretConflicts(secrets, observed),
    ...unwantedSigners(topology, observed),
    ...strayNodes(topology, observed),
    ...topology.validators.flatMap((validator) => [
      ...signerRefusals(topology, observed, validator),
      ...newSignerRefusals(topology, observed, validator, recorded),
    ]),
    ...sharedSeats(topology, observed),
    ...loweredPorts(topology, observed),
    ...imageAndSettings(topology, files, observed),
  ]
  if (hasErrors(refused)) return { refused }
  const world: World = { topology, files, observed, seats: seatsOf(topology, observed), inPlace }
  const away = new Set(topology.hosts.filter(({ name }) => observed.hosts.get(name)?.kind !== "seen").map(({ name }) => name))
  const installations = new Map(
    topology.hosts.filter(({ name }) => !away.has(name)).map(({ name }) => [name, installation(world, name, secrets)]),
  )
  const nodes = (["sentry", "private"] as const)
    .flatMap((role) => topology.nodes.filter((node) => node.role === role && !away.has(node.host)))
    .map((node) => ({ node, ...(whyBlind(topology, observed, node) ?? nodePart(world, node)) }))
  // A unit may only wait for others that are asked for as well.
  const isAsked = (kind: UpUnit["kind"], id: string, host: string) => isInScope(topology, scope, { kind, id, host })
  const isLeftOut = (name: string) =>
    nodes.some(({ node, steps }) => node.name === name && steps.length > 0 && !isAsked("node", name, node.host))
  const signers = topology.validators
    .filter(({ signerHost }) => !away.has(signerHost))
    .map((validator) => ({ validator, ...(whyTooEarly(world, validator, isLeftOut) ?? signerPart(world, validator, secrets, away)) }))
  const balancers = balancersOf(topology)
    .filter(({ host }) => !away.has(host))
    .map((balancer) => ({ balancer, steps: balancerSteps(world, balancer) }))
  const units = unitsOf(
    topology,
    observed,
    new Map([...installations].filter(([host]) => isAsked("install", host, host))),
    nodes.filter(({ node }) => isAsked("node", node.name, node.host)),
    signers.filter(({ validator }) => isAsked("signer", validator.name, validator.signerHost)),
    balancers.filter(({ balancer }) => isAsked("balancer", balancer.name, balancer.host)),
  )
  const moves = nodes.flatMap(({ move }) => (move && isNamedIn(topology, scope, move.from) ? [move] : []))
  const touched = new Set([...units.map(({ host }) => host), ...moves.map(({ from }) => nodeOf(topology, from).host)])
  const powerless = topology.hosts.filter(({ name }) => touched.has(name) && valueIn(observed.hosts.get(name))?.isRoot === false)
  if (powerless.length > 0) return { refused: powerless.map(whyRootIsNeeded) }
  const isSeen = ({ path }: Issue) => isNamedIn(topology, scope, path)
  return {
    steps: units.flatMap(({ steps }) => steps),
    units,
    moves,
    heldBack: [
      ...unreachableHosts(topology, observed).map(
        (issue): Issue => ({ ...issue, severity: "warning", fix: "nothing is done there; bring it back, then run up again" }),
      ),
      ...[...nodes, ...signers].flatMap(({ heldBack }) => heldBack),
      ...leftovers(topology, observed),
    ].filter(isSeen),
  }
}

/** Containers run as root without any capability, so what a user owns who is not root is closed to them, their keys first of all. */
function whyRootIsNeeded({ name, connection }: Host): Issue {
  const isHere = connection.kind === "local"
  return {
    severity: "error",
    path: name,
    message: `${isHere ? "gonka-ha runs there as a user who" : "the user of its SSH connection"} is not root, and the containers there could not read what he writes`,
    fix: isHere ? "run gonka-ha as root" : `set \`sudo: true\` for ${name}, where sudo asks him no password, or log in as root`,
  }
}

type World = {
  readonly topology: Topology
  readonly files: FileSet
  readonly observed: Observed
  /** Nodes whose port belongs to a validator's signer, running or about to be started again. */
  readonly seats: ReadonlySet<string>
  readonly inPlace: boolean
}

/** Whether a node signs is only known from its signer's host: what nobody can ask about is not touched. */
function whyBlind(topology: Topology, observed: Observed, node: ChainNode): NodePart | undefined {
  const hidden = node.candidateOf
    .map((name) => validatorOf(topology, name))
    .find(({ signerHost }) => observed.hosts.get(signerHost)?.kind !== "seen")
  if (!hidden) return undefined
  const message = `whether ${hidden.name} signs through it is not known while ${hidden.signerHost} cannot be asked`
  return {
    isNew: false,
    steps: [],
    heldBack: [{ severity: "warning", path: node.name, message, fix: `bring ${hidden.signerHost} back, then run up again` }],
  }
}

type Part = { readonly steps: readonly Step[]; readonly heldBack: readonly Issue[] }

/** What one node needs: its containers first, and then the wait until it is what it should be. */
type NodePart = Part & {
  readonly isNew: boolean
  readonly move?: MoveAway
}

function seatsOf(topology: Topology, observed: Observed): ReadonlySet<string> {
  return new Set(
    topology.validators.flatMap((validator) => {
      const who = whoSigns(topology, observed, validator)
      if (who.kind === "active") return [who.node]
      return who.kind === "stopped" && who.aim !== undefined ? [who.aim] : []
    }),
  )
}

function secretConflicts(secrets: readonly SecretFile[], observed: Observed): Issue[] {
  return secrets.flatMap((secret) => {
    const installed = valueIn(observed.hosts.get(secret.host))?.files.get(secret.path)
    return installed === undefined || secret.sha256 === undefined || installed === secret.sha256
      ? []
      : [
          {
            severity: "error" as const,
            path: secret.host,
            message: `${secret.path} on the host is not the one that gonka-ha keeps here`,
            fix: "keys are never overwritten: find out which one is right, then move the wrong one away",
          },
        ]
  })
}

function signerRefusals(topology: Topology, observed: Observed, validator: Validator): Issue[] {
  const error = (message: string, fix: string): Issue => ({ severity: "error", path: validator.name, message, fix })
  const who = whoSigns(topology, observed, validator)
  if (who.kind === "conflict") return who.reasons.map((reason) => error(reason, "stop and remove all but one signer before anything else"))
  // Without its host nothing of it is touched, nor of its candidates.
  if (observed.hosts.get(validator.signerHost)?.kind !== "seen") return []
  if (who.kind === "unknown") return [error(who.reason, "make the signer's host reachable and run up again")]
  const files = valueIn(observed.hosts.get(validator.signerHost))?.signers.get(validator.name)
  if (files?.operation) {
    return [
      error(
        `an operation was left half-way: ${files.operation.kind} to ${files.operation.to}, begun ${files.operation.since} by ${files.operation.by}`,
        `run \`${goOn(files.operation, validator)}\``,
      ),
    ]
  }
  if (who.kind !== "stopped" || files?.fence !== undefined) return []
  const problem =
    stateProblem(files) ?? foreignSignatures(observed, validator) ?? aheadOfChain(observed, validator, topology.policy.freshnessMs)
  return problem ? [error(problem.message, problem.fix)] : []
}

function installation({ topology, files, observed }: World, host: string, secrets: readonly SecretFile[]): Part {
  const installed = valueIn(observed.hosts.get(host))?.files ?? new Map<string, string>()
  const changed = (files.get(host)?.files ?? []).filter((file) => installed.get(file.path) !== file.sha256).map((file) => file.path)
  const missing = secrets
    .filter((secret) => secret.host === host && !installed.has(secret.path) && !isKeyOfNewSigner(topology, observed, secret))
    .map((secret) => secret.path)
  const steps: Step[] = []
  if (missing.length > 0)
    steps.push({ kind: "secrets.push", args: { host, paths: missing }, cause: `not on the host yet: ${some(missing)}` })
  if (changed.length > 0)
    steps.push({ kind: "files.push", args: { host, paths: changed }, cause: `differ from what is rendered: ${some(changed)}` })
  return { steps, heldBack: [] }
}

function nodePart(world: World, node: ChainNode): NodePart {
  const { topology, observed, files, seats } = world
  const host = valueIn(observed.hosts.get(node.host))
  const isSeat = seats.has(node.name)
  const service = serviceName.node(node.name)
  const why = whyToBringUp(topology, host, files.get(node.host), service)
  // A validator that starts for the first time starts at a node that is parked.
  const isFirstSeat = topology.validators.some(
    (validator) => validator.firstActive === node.name && whoSigns(topology, observed, validator).kind === "new",
  )
  if (topology.policy.standby === "plain" && node.candidateOf.length > 0 && !isSeat && !isFirstSeat) {
    const { isNew, start, settle, heldBack } = plainStandby(topology, files, observed, node)
    return { isNew, steps: [...start, ...settle], heldBack }
  }
  const parking = node.candidateOf.length > 0 ? parkingSteps(world, node, isSeat, host) : { start: [], settle: [] }
  if (why?.kind === "changed" && isSeat) {
    const { steps, heldBack, move } = changedSeat(topology, observed, node, why.text, world.inPlace)
    return { isNew: false, steps: [...parking.start, ...steps, ...parking.settle], heldBack, ...(move === undefined ? {} : { move }) }
  }
  const restart: Step[] =
    why === undefined && isFirstSeat && runsPlain(topology, host, node)
      ? [{ kind: "node.restart", args: { node: node.name }, cause: `a signer is to start at ${node.name}, which has no privval port` }]
      : []
  const start: Step[] = [
    ...parking.start,
    ...(why ? [{ kind: "service.up" as const, args: { host: node.host, service }, cause: why.text }] : []),
    ...restart,
  ]
  const stoodStill = parking.settle.length > 0 && healthOf(observed, node.name, topology.policy).verdict !== "fresh"
  // The active node cannot become fresh before its signer is back; that is the signer's part.
  const fresh: Step[] =
    !isSeat && (why || stoodStill || restart.length > 0)
      ? [{ kind: "node.fresh", args: { node: node.name }, cause: "the next step relies on it" }]
      : []
  return { isNew: why?.kind === "missing", steps: [...start, ...parking.settle, ...fresh], heldBack: portlessSeat(world, node) }
}

/** The signer runs for a node that has no port for it: only a person can have brought that about, and only a move ends it without a risk. */
function portlessSeat({ topology, observed, seats }: World, node: ChainNode): readonly Issue[] {
  const host = valueIn(observed.hosts.get(node.host))
  const signs = topology.validators.some((validator) => {
    const who = whoSigns(topology, observed, validator)
    return who.kind === "active" && who.node === node.name
  })
  return seats.has(node.name) && signs && runsPlain(topology, host, node) && runs(topology, host, node)
    ? [
        {
          severity: "warning",
          path: node.name,
          message: "was started without a privval port, and the validator's signer is meant for it",
          fix: "move the validator to another node with `gonka-ha failover NODE`, or restart this one by hand",
        },
      ]
    : []
}

/** A standby's port is held by its parking signer; on the active node the parking signer exists and waits. */
function parkingSteps(
  { topology, files }: World,
  node: ChainNode,
  isSeat: boolean,
  host: HostSeen | undefined,
): { readonly start: Step[]; readonly settle: Step[] } {
  const service = serviceName.parking(node.name)
  const owner = host?.owners.get(node.name)
  const why = whyToBringUp(topology, host, files.get(node.host), service)
  if (isSeat) {
    const create: Step[] =
      why && isOutdated(why)
        ? [{ kind: "service.create", args: { host: node.host, service }, cause: `${why.text}; it waits while ${node.name} is active` }]
        : []
    const give: Step[] =
      owner === "plain"
        ? [{ kind: "port.give", args: { node: node.name, owner: "validator" }, cause: `the validator's signer is meant for ${node.name}` }]
        : []
    return { start: [...give, ...create], settle: [] }
  }
  const start: Step[] = []
  if (owner !== "parking") {
    const cause = owner === undefined ? `nobody may hold the port of ${node.name} yet` : `${node.name} is not the active node any more`
    start.push({ kind: "port.give", args: { node: node.name, owner: "parking" }, cause })
  }
  if (why) start.push({ kind: "service.up", args: { host: node.host, service }, cause: why.text })
  const needsParking = start.length > 0 || !isParked(topology, host, node)
  return {
    start,
    settle: needsParking
      ? [{ kind: "standby.park", args: { node: node.name }, cause: `${node.name} follows the chain only with a signer on its port` }]
      : [],
  }
}

function balancerSteps({ topology, observed, files }: World, { name, host }: Balancer): readonly Step[] {
  const service = serviceName.balancer(name)
  const why = whyToBringUp(topology, valueIn(observed.hosts.get(host)), files.get(host), service)
  if (why === undefined) return []
  return [
    { kind: "service.up", args: { host, service }, cause: why.text },
    { kind: "balancer.answers", args: { host, service }, cause: "only then it leads to its nodes" },
  ]
}

/** The first start of a signer relies on its first node, which may have to be brought up, and is not asked for. */
function whyTooEarly(
  { topology, observed }: World,
  validator: Validator,
  isLeftOut: (node: string) => boolean,
): ReturnType<typeof held> | undefined {
  const { firstActive } = validator
  if (whoSigns(topology, observed, validator).kind !== "new" || !isLeftOut(firstActive)) return undefined
  return held(
    validator,
    `it starts at ${firstActive}, which has to be brought up first and was not asked for`,
    `run \`gonka-ha up\` for all, or with --node ${firstActive} as well`,
  )
}

/** @param away hosts that cannot be asked: one of them might hold another signer of the key */
function signerPart(world: World, validator: Validator, secrets: readonly SecretFile[], away: ReadonlySet<string>): Part {
  const part = signerSteps(world, validator, secrets)
  const hidden = [...away].filter((name) => !isGone(world.topology, world.observed, hostOf(world.topology, name)))
  if (part.steps.length === 0 || hidden.length === 0) return part
  return held(
    validator,
    `its signer is not started while ${hidden.join(", ")} cannot be asked: another one might run there`,
    "bring the host back and run up again; or, with the signer set up already, `gonka-ha failover NODE`",
  )
}

function signerSteps(world: World, validator: Validator, secrets: readonly SecretFile[]): Part {
  const { topology, observed, files } = world
  const who = whoSigns(topology, observed, validator)
  const host = valueIn(observed.hosts.get(validator.signerHost))
  const service = serviceName.signer(validator.name)
  const why = whyToBringUp(topology, host, files.get(validator.signerHost), service)
  if (validator.provider.kind !== "softsign") {
    const message = `its key is in a ${validator.provider.kind}, and gonka-ha has never run a signer with one: it does not start it`
    return held(validator, message, "start it by hand after the runbook of its host, or use softsign")
  }
  if (who.kind === "new") {
    return {
      heldBack: [],
      steps: [
        {
          kind: "signer.init",
          args: { validator: validator.name, node: validator.firstActive },
          cause: "this validator has never signed here",
        },
        // Only once it is decided that this key may sign here: a key that was brought and then refused would be a copy.
        ...keySteps(world, validator, secrets),
        ...startAt(world, validator, validator.firstActive, who),
      ],
    }
  }
  if (who.kind === "stopped") {
    const fence = host?.signers.get(validator.name)?.fence
    if (fence !== undefined)
      return held(
        validator,
        `the signer is fenced: ${fence}`,
        "`gonka-ha signer unfence` takes it away; only do that when you know why it is there",
      )
    if (who.aim === undefined) return held(validator, "the signer is stopped and aimed at no node", "run `gonka-ha failover NODE`")
    if (!validator.candidates.includes(who.aim))
      return held(validator, `the signer is stopped and aimed at ${who.aim}, which is not a candidate`, "run `gonka-ha failover NODE`")
    return { heldBack: [], steps: startAt(world, validator, who.aim, who) }
  }
  if (who.kind === "active" && why?.kind === "changed") {
    return held(
      validator,
      `${why.text}, but the signer is signing: it takes the new files at its next start`,
      "it is applied by the next promotion",
    )
  }
  return { steps: [], heldBack: [] }
}

function keySteps({ topology, observed }: World, validator: Validator, secrets: readonly SecretFile[]): Step[] {
  const installed = valueIn(observed.hosts.get(validator.signerHost))?.files
  const paths = secrets
    .filter((secret) => !installed?.has(secret.path) && isKeyOfNewSigner(topology, observed, secret))
    .map((secret) => secret.path)
    .filter((path) => path.startsWith(`${layout.secrets.signer(validator.name)}/`))
  return paths.length === 0
    ? []
    : [{ kind: "secrets.push", args: { host: validator.signerHost, paths }, cause: "its signer may start here, and nowhere else" }]
}

/** A secret of a signer that has never run on its host. */
function isKeyOfNewSigner(topology: Topology, observed: Observed, secret: SecretFile): boolean {
  return topology.validators.some(
    (validator) =>
      validator.signerHost === secret.host &&
      secret.path.startsWith(`${layout.secrets.signer(validator.name)}/`) &&
      whoSigns(topology, observed, validator).kind === "new",
  )
}

function held(validator: Validator, message: string, fix: string): Part {
  return { steps: [], heldBack: [{ severity: "warning", path: validator.name, message, fix }] }
}

function startAt({ topology, observed, files }: World, validator: Validator, node: string, who: WhoSigns): Step[] {
  const target = topology.nodes.find((candidate) => candidate.name === node)
  const state = valueIn(observed.hosts.get(validator.signerHost))?.signers.get(validator.name)?.state
  const host = target ? valueIn(observed.hosts.get(target.host)) : undefined
  const signerHost = valueIn(observed.hosts.get(validator.signerHost))
  const why = whyToBringUp(topology, signerHost, files.get(validator.signerHost), serviceName.signer(validator.name))
  return planSwap({
    validator: validator.name,
    to: node,
    from: who.kind === "stopped" ? who.aim : undefined,
    signer: { kind: "stopped", state: state?.kind === "ok" ? state.state : undefined },
    // For a new signer the parking steps above have parked the node by then.
    // A node that is down is brought up before that, with its port.
    toLacksPort: who.kind !== "new" && target !== undefined && runsPlain(topology, host, target) && runs(topology, host, target),
    toHost: target?.host ?? "",
    toOwner: host?.owners.get(node),
    toIsParked: who.kind === "new" || (target !== undefined && isParked(topology, host, target)),
    toSeen: positionOf(observed, node),
    fromHost: undefined,
    fromAnswers: false,
    fromToPlain: undefined,
    verifyBlocks: VERIFY_BLOCKS,
    signerHost: validator.signerHost,
    container: why === undefined || why.kind === "stopped" ? "current" : why.kind === "missing" ? "missing" : "outdated",
    // It starts where it was: there is no other place.
    wayBack: undefined,
    timing: "at-once",
  })
}

function runs(topology: Topology, host: HostSeen | undefined, { name }: ChainNode): boolean {
  return (host && containerOf(topology, host, serviceName.node(name)))?.status === "running"
}

function some(paths: readonly string[]): string {
  return paths.length <= 3 ? paths.join(", ") : `${paths.slice(0, 2).join(", ")} and ${paths.length - 2} more`
}

/** Hosts that could not be asked, with the reason. */
export function unreachableHosts(topology: Topology, observed: Observed): Issue[] {
  return topology.hosts.flatMap((host) => {
    const reading = observed.hosts.get(host.name)
    return reading?.kind === "unknown" && !isGone(topology, observed, host)
      ? [{ severity: "error" as const, path: hostOf(topology, host.name).name, message: reading.reason }]
      : []
  })
}

/** A host that is lost, as the file says, and on which nothing else is: it holds nothing up. */
function isGone(topology: Topology, observed: Observed, host: Host): boolean {
  return isOnlyReplaced(topology, host) && observed.hosts.get(host.name)?.kind !== "seen"
}
