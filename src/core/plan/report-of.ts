import type { Issue } from "../issue.ts"
import { type Observed, type Reading, valueIn } from "../observe/state.ts"
import { containerOf, whoSigns } from "../observe/who-signs.ts"
import { servicesOn } from "../render/compose.ts"
import type { FileSet } from "../render/fileset.ts"
import { layout } from "../render/layout.ts"
import { hostOf, nodeOf, serviceName, type Topology, validatorOf } from "../topology.ts"
import { whyToBringUp } from "./bring-up-reason.ts"
import { moveTitle } from "./changed-seat.ts"
import type { ContainerDifference, Difference, FileDifference, PlanReport, StepReport } from "./plan-report.ts"
import { activeRestart, restartOf } from "./restart-cost.ts"
import { digestIn, type KeyDifference, serviceDifference } from "./service-difference.ts"
import { type Step, stepTitle } from "./step.ts"
import { type Hunk, textDifference } from "./text-difference.ts"
import type { UpPlan } from "./up.ts"

/** Texts of installed files that differ from what is rendered, by host and path. */
export type InstalledTexts = ReadonlyMap<string, ReadonlyMap<string, Reading<string>>>

export type Seen = {
  readonly topology: Topology
  readonly files: FileSet
  readonly observed: Observed
  readonly installed: InstalledTexts
}

/** A plan as people read it: by host, each step with its cause, what differs, what it restarts and what that costs. */
export function planReport(seen: Seen, plan: UpPlan): PlanReport {
  const { topology } = seen
  const steps = plan.steps.map((step, index) => ({ host: hostOfStep(topology, step), report: stepReport(seen, step, index + 1) }))
  const hosts = topology.hosts.flatMap(({ name }) => {
    const here = steps.filter(({ host }) => host === name).map(({ report }) => report)
    return here.length === 0 ? [] : [{ host: name, steps: here }]
  })
  const changing = steps.filter(({ report }) => report.changes)
  return {
    deployment: topology.deployment,
    chain: topology.chain.id,
    hosts,
    moves: plan.moves.map((move) => ({
      ...move,
      title: moveTitle(move),
      differences: containerDifference(seen, nodeOf(topology, move.from).host, serviceName.node(move.from)),
      cost: `no block as a rule, one on a bad day; ${move.validator} signs through ${move.to} afterwards`,
    })),
    heldBack: plan.heldBack.map((issue) => heldBack(seen, issue)),
    summary: {
      changes: changing.length,
      hosts: new Set(changing.map(({ host }) => host)).size,
      restarts: steps.filter(({ report }) => report.restart !== undefined).length + plan.moves.length,
      moves: plan.moves.length,
      heldBack: plan.heldBack.length,
    },
  }
}

/** Rendered files that differ from what is installed under the same path: their texts are worth reading. */
export function changedFiles(files: FileSet, observed: Observed, host: string): readonly string[] {
  const installed = valueIn(observed.hosts.get(host))?.files
  return (files.get(host)?.files ?? [])
    .filter(({ path, sha256 }) => installed?.has(path) && installed.get(path) !== sha256)
    .map(({ path }) => path)
}

/** Where a step changes something or waits for it; a signer's steps are done on its host. */
function hostOfStep(topology: Topology, { kind, args }: Step): string {
  if ("host" in args) return args.host
  if ("validator" in args && (kind.startsWith("signer.") || kind.startsWith("chain.")))
    return validatorOf(topology, args.validator).signerHost
  if ("node" in args) return nodeOf(topology, args.node).host
  throw new Error(`the step ${kind} names neither host, nor node, nor validator`)
}

function stepReport(seen: Seen, step: Step, number: number): StepReport {
  const restart = restartOf(seen.topology, seen.files, seen.observed, step)
  return {
    number,
    kind: step.kind,
    title: stepTitle(step),
    cause: step.cause,
    changes: changesSomething(step),
    differences: differencesOf(seen, step),
    ...(restart === undefined ? {} : { restart }),
  }
}

function changesSomething({ kind }: Step): boolean {
  switch (kind) {
    case "files.push":
    case "secrets.push":
    case "service.up":
    case "service.create":
    case "node.restart":
    case "balancer.restart":
    case "data.copy":
    case "data.renew":
    case "signer.init":
    case "port.give":
    case "standby.park":
    case "parking.stop":
    case "standby.detach":
    case "signer.move":
    case "signer.fence":
    case "signer.seal":
      return true
    case "node.fresh":
    case "balancer.answers":
    case "standby.ready":
    case "chain.silent":
    case "chain.past-seal":
    case "signer.attached":
    case "chain.signing":
      return false
  }
}

function differencesOf(seen: Seen, step: Step): Difference[] {
  switch (step.kind) {
    case "files.push":
      return step.args.paths.map((path) => fileDifference(seen, step.args.host, path))
    case "secrets.push":
      return step.args.paths.map((path) => ({ kind: "secret", path }))
    case "service.up":
    case "service.create":
      return containerDifference(seen, step.args.host, step.args.service)
    case "signer.move":
      return containerDifference(seen, validatorOf(seen.topology, step.args.validator).signerHost, serviceName.signer(step.args.validator))
    default:
      return []
  }
}

function fileDifference({ files, observed, installed }: Seen, host: string, path: string): FileDifference {
  if (!valueIn(observed.hosts.get(host))?.files.has(path)) return { kind: "file", path, change: "new" }
  const changed = { kind: "file" as const, path, change: "changed" as const }
  const text = installed.get(host)?.get(path)
  if (text?.kind !== "seen") return { ...changed, unknown: text?.reason ?? "it was not read" }
  const hunks = textDifference(path, text.value, renderedText(files, host, path))
  return hunks === undefined ? { ...changed, unknown: "too many lines differ" } : { ...changed, hunks: hunks.map(writtenHunk) }
}

function writtenHunk({ line, section, removed, added }: Hunk) {
  return { line, ...(section === undefined ? {} : { section }), removed: [...removed], added: [...added] }
}

/** Of a container that runs on an older configuration; empty for any other. */
function containerDifference(seen: Seen, host: string, service: string): ContainerDifference[] {
  const { topology, files, observed } = seen
  const here = valueIn(observed.hosts.get(host))
  const container = here && containerOf(topology, here, service)
  if (!here || !container || whyToBringUp(topology, here, files.get(host), service)?.kind !== "changed") return []
  const dirs = servicesOn(topology, hostOf(topology, host)).find(({ name }) => name === service)?.configDirs ?? []
  const mounted = (files.get(host)?.files ?? []).filter(({ path }) => dirs.some((dir) => path.startsWith(`${dir}/`)))
  return [
    {
      kind: "container",
      service,
      digest: { running: container.digest, rendered: files.get(host)?.serviceDigests.get(service) ?? "" },
      files: mounted.filter(({ path, sha256 }) => here.files.get(path) !== sha256).map(({ path }) => path),
      ...settingsOf(seen, host, service, container.digest),
    },
  ]
}

/** What an engine runs is known only through the compose file that it was made from, as long as that is the one that is installed. */
function settingsOf(
  { files, observed, installed }: Seen,
  host: string,
  service: string,
  running: string,
): Pick<ContainerDifference, "keys" | "unknown"> {
  const rendered = files.get(host)?.files.find(({ path }) => path === layout.compose)
  if (rendered === undefined) return { unknown: "no compose file is rendered for its host" }
  const isCurrent = valueIn(observed.hosts.get(host))?.files.get(layout.compose) === rendered.sha256
  const text: Reading<string> = isCurrent
    ? { kind: "seen", value: rendered.content }
    : (installed.get(host)?.get(layout.compose) ?? { kind: "unknown", reason: "its host has no compose file" })
  if (text.kind === "unknown") return { unknown: text.reason }
  if (digestIn(text.value, service) !== running) return { unknown: "it was made from another compose file than the one that is installed" }
  const keys = serviceDifference(service, text.value, rendered.content)
  return keys === undefined ? { unknown: "the installed compose file cannot be read" } : { keys: keys.map(writtenKey) }
}

function writtenKey({ key, before, after }: KeyDifference) {
  return { key, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }
}

function heldBack(seen: Seen, { path, message, fix }: Issue): PlanReport["heldBack"][number] {
  const { topology, observed } = seen
  const entry = { path, message, ...(fix === undefined ? {} : { fix }) }
  const node = topology.nodes.find(({ name }) => name === path)
  const validator = topology.validators.find(({ name }) => name === path)
  if (node) {
    const differences = containerDifference(seen, node.host, serviceName.node(node.name))
    const signing = topology.validators.find((candidate) => {
      const who = whoSigns(topology, observed, candidate)
      return who.kind === "active" && who.node === node.name
    })
    const restart = differences.length > 0 && signing ? activeRestart(topology, observed, signing, node) : undefined
    return { ...entry, differences, ...(restart === undefined ? {} : { restart }) }
  }
  return { ...entry, differences: validator ? containerDifference(seen, validator.signerHost, serviceName.signer(validator.name)) : [] }
}

function renderedText(files: FileSet, host: string, path: string): string {
  const file = files.get(host)?.files.find((candidate) => candidate.path === path)
  if (!file) throw new Error(`the plan names ${path}, which is not rendered for ${host}`)
  return file.content
}
