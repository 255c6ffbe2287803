import { containerDrift } from "../core/drift/container-drift.ts"
import { type Compared, together } from "../core/drift/drift.ts"
import { fileDrift } from "../core/drift/file-drift.ts"
import { NODE_FILES, type NodeInfo, type NodeTexts, nodeInfoAnswer, type ProcessSeen, processDrift } from "../core/drift/process-drift.ts"
import { AppError, EXIT, reasonOf } from "../core/errors.ts"
import { type HostSeen, type Observed, type Reading, seen, unknown } from "../core/observe/state.ts"
import { containerOf } from "../core/observe/who-signs.ts"
import type { InstalledTexts } from "../core/plan/report-of.ts"
import { layout } from "../core/render/layout.ts"
import { type ChainNode, type Host, serviceName } from "../core/topology.ts"
import { collect } from "./collect.ts"
import type { Deployment } from "./deployment.ts"
import { installedTexts } from "./installed-texts.ts"
import { readUnknownTexts } from "./read-texts.ts"

const RPC_TIMEOUT_MS = 3000

export type DiffView = Compared & { readonly effective: boolean }

/**
 * What on the hosts is not as it is rendered; changes nothing. A host that is away hides only what is on it.
 * @param effective whether running nodes are asked, too, what they run on
 */
export async function diff(deployment: Deployment, { effective }: { readonly effective: boolean }): Promise<DiffView> {
  const observed = await collect(deployment)
  const texts = await installedTexts(deployment, observed)
  const parts = await Promise.all(deployment.topology.hosts.map((host) => compareHost(deployment, observed, texts, host, effective)))
  return { effective, ...together(parts) }
}

async function compareHost(
  deployment: Deployment,
  observed: Observed,
  texts: InstalledTexts,
  { name }: Host,
  effective: boolean,
): Promise<Compared> {
  const { topology, files } = deployment
  const reading = observed.hosts.get(name)
  const meant = files.get(name)
  if (reading?.kind !== "seen" || meant === undefined)
    return {
      drifts: [],
      unseen: [{ host: name, what: "host", reason: reading?.kind === "unknown" ? reading.reason : "it was not looked at" }],
    }
  const nodes = effective ? topology.nodes.filter((node) => node.host === name && runs(deployment, reading.value, node)) : []
  return together([
    fileDrift(meant, reading.value, texts.get(name)),
    containerDrift(topology, observed, meant, reading.value),
    ...(await Promise.all(
      nodes.map(async (node) => processDrift(topology, observed, node, await readProcess(deployment, reading.value, texts, node))),
    )),
  ])
}

/** What does not run has no process that could differ. */
function runs({ topology }: Deployment, host: HostSeen, node: ChainNode): boolean {
  return containerOf(topology, host, serviceName.node(node.name))?.status === "running"
}

async function readProcess(deployment: Deployment, host: HostSeen, texts: InstalledTexts, node: ChainNode): Promise<ProcessSeen> {
  const { topology, fleet } = deployment
  const home = `${layout.node.home(node.name)}/config`
  const [taken, told] = await Promise.all([
    readUnknownTexts(
      fleet.host(node.host),
      topology.dir,
      NODE_FILES.map((file) => `${home}/${file}`),
    ),
    readNodeInfo(deployment, node),
  ])
  return {
    installed: byFile((file) => installedText(deployment, host, texts, node, file)),
    isAsRendered: NODE_FILES.every((file) => isAsRendered(deployment, host, node, file)),
    taken: byFile((file) => taken.get(`${home}/${file}`) ?? unknown("it was not read")),
    told,
  }
}

/** Only files that differ from the rendered ones have been read; the others are known. */
function installedText(deployment: Deployment, host: HostSeen, texts: InstalledTexts, node: ChainNode, file: string): Reading<string> {
  const path = `${layout.node.config(node.name)}/${file}`
  const rendered = renderedFile(deployment, node, file)
  if (rendered !== undefined && isAsRendered(deployment, host, node, file)) return seen(rendered.content)
  return texts.get(node.host)?.get(path) ?? unknown(`${path} is not installed`)
}

function isAsRendered(deployment: Deployment, host: HostSeen, node: ChainNode, file: string): boolean {
  const rendered = renderedFile(deployment, node, file)
  return rendered !== undefined && host.files.get(rendered.path) === rendered.sha256
}

function renderedFile({ files }: Deployment, node: ChainNode, file: string) {
  return files.get(node.host)?.files.find(({ path }) => path === `${layout.node.config(node.name)}/${file}`)
}

async function readNodeInfo({ fleet }: Deployment, node: ChainNode): Promise<Reading<NodeInfo>> {
  try {
    const answer = nodeInfoAnswer.safeParse(await fleet.host(node.host).rpc(node.ports.rpc, "/status", RPC_TIMEOUT_MS))
    if (!answer.success) throw new AppError("RPC", EXIT.unreachable, "what it tells of itself has an unknown form")
    return seen(answer.data.node_info)
  } catch (error) {
    return unknown(reasonOf(error))
  }
}

function byFile(read: (file: string) => Reading<string>): NodeTexts {
  return { "config.toml": read("config.toml"), "app.toml": read("app.toml") }
}
