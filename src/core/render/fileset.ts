import { parse, stringify } from "yaml"
import type { Exposure } from "../exposure/exposure.ts"
import { exposureByHost } from "../exposure/exposure-of.ts"
import { type ChainNode, type Host, nodeOf, type Topology, type Validator } from "../topology.ts"
import { appConfig } from "./app-config.ts"
import { balancerFiles } from "./balancers.ts"
import { cometConfig, type Peer, peersOf } from "./comet.ts"
import { LABEL, networksOf, type PatchedService, servicesOn } from "./compose.ts"
import { hostDocuments } from "./host-documents.ts"
import { insidePort, layout } from "./layout.ts"
import { nodeSettings } from "./node-settings.ts"
import { settingsText } from "./settings.ts"
import { parkingConfig, signerConfig } from "./tmkms.ts"
import { withoutInterpolation } from "./without-interpolation.ts"

/** One file of a host, at a path relative to the deployment's directory. */
export type RenderedFile = { readonly path: string; readonly content: string; readonly sha256: string }

type Content = Omit<RenderedFile, "sha256">

/** What a host should hold: its files in the order of their paths, and the digest of each service. */
export type HostFiles = {
  readonly host: string
  readonly files: readonly RenderedFile[]
  readonly serviceDigests: ReadonlyMap<string, string>
}

export type FileSet = ReadonlyMap<string, HostFiles>

/** The shell scripts that run inside the containers, as shipped in `templates/`. */
export type Scripts = {
  readonly startNode: string
  readonly nodeHealth: string
  readonly park: string
  readonly guard: string
  readonly signerHealth: string
  /** Runs inside of HAProxy. */
  readonly hold: string
}

export type Sha256 = (text: string) => string

/** Renders every host's files. Same input, same bytes: nothing here knows the time, the machine or a secret. */
export function renderFiles(topology: Topology, scripts: Scripts, sha256: Sha256): FileSet {
  const whole: Whole = { topology, scripts, peers: peersOf(topology), exposures: exposureByHost(topology) }
  return new Map(topology.hosts.map((host) => [host.name, renderHost(whole, host, sha256)]))
}

/** What the files of one host need to know of all hosts, found once. */
type Whole = {
  readonly topology: Topology
  readonly scripts: Scripts
  readonly peers: readonly Peer[]
  readonly exposures: ReadonlyMap<string, readonly Exposure[]>
}

function renderHost(whole: Whole, host: Host, sha256: Sha256): HostFiles {
  const { topology, scripts, exposures } = whole
  const configs = [
    ...topology.nodes.filter((node) => node.host === host.name).flatMap((node) => nodeFiles(whole, node)),
    ...topology.validators
      .filter((validator) => validator.signerHost === host.name)
      .flatMap((validator) => signerFiles(topology, validator, scripts)),
    ...balancerFiles(topology, host, scripts.hold),
    ...hostDocuments(topology, host, exposures.get(host.name) ?? []),
  ]
  const services: Record<string, PatchedService> = {}
  const serviceDigests = new Map<string, string>()
  const planned = servicesOn(topology, host)
  for (const { name, definition, configDirs } of planned) {
    const mounted = configs.filter((file) => configDirs.some((dir) => file.path.startsWith(`${dir}/`)))
    const digest = sha256(JSON.stringify([definition, mounted.map((file) => [file.path, file.content])]))
    serviceDigests.set(name, digest)
    services[name] = { ...definition, labels: { ...definition.labels, [LABEL.digest]: digest } }
  }
  const compose = { path: layout.compose, content: composeText(topology, services, networksOf(topology, planned)) }
  const files = [compose, ...configs].map((file) => ({ ...file, sha256: sha256(file.content) })).sort((a, b) => (a.path < b.path ? -1 : 1))
  return { host: host.name, files, serviceDigests }
}

function nodeFiles({ topology, scripts, peers }: Whole, node: ChainNode): Content[] {
  const dir = layout.node.config(node.name)
  const files = [
    { path: `${dir}/config.toml`, content: cometConfig(topology, node, peers) },
    { path: `${dir}/app.toml`, content: appConfig(topology, node) },
    { path: `${dir}/start-node.sh`, content: scripts.startNode },
    { path: `${dir}/node-health.sh`, content: scripts.nodeHealth },
    { path: `${dir}/settings`, content: settingsText(nodeSettings(topology, node)) },
  ]
  if (node.candidateOf.length === 0) return files
  const parking = layout.parking.config(node.name)
  return [
    ...files,
    { path: `${parking}/tmkms.toml`, content: parkingConfig(topology, node) },
    { path: `${parking}/park.sh`, content: scripts.park },
    { path: `${parking}/signer-health.sh`, content: scripts.signerHealth },
    {
      path: `${parking}/settings`,
      content: settingsText({
        node: node.name,
        validator_pubkeys: topology.validators.map((validator) => validator.pubkey).join(" "),
        privval_port: String(insidePort.privval),
      }),
    },
  ]
}

function signerFiles(topology: Topology, validator: Validator, scripts: Scripts): Content[] {
  const dir = layout.signer.config(validator.name)
  return [
    ...validator.candidates.map((candidate) => ({
      path: `${dir}/tmkms-${candidate}.toml`,
      content: signerConfig(topology, validator, nodeOf(topology, candidate)),
    })),
    { path: `${dir}/guard.sh`, content: scripts.guard },
    { path: `${dir}/signer-health.sh`, content: scripts.signerHealth },
    {
      path: `${dir}/settings`,
      content: settingsText({
        validator: validator.name,
        chain_id: topology.chain.id,
        pubkey: validator.pubkey,
        privval_port: privvalPorts(topology, validator).join(" "),
        block_ms: String(topology.chain.blockMs),
      }),
    },
  ]
}

/** Ports at which the candidates listen; the signer may be connected to any one of them. */
function privvalPorts(topology: Topology, validator: Validator): number[] {
  return [...new Set(validator.candidates.map((candidate) => nodeOf(topology, candidate).ports.privval))].sort((a, b) => a - b)
}

const COMPOSE_COMMENT =
  " Written by gonka-ha; `gonka-ha up` replaces it. Who signs is not decided here: see signers/<validator>/control/aim on the signer's host."

function composeText(
  topology: Topology,
  services: Readonly<Record<string, PatchedService>>,
  networks: Readonly<Record<string, { readonly name: string }>>,
): string {
  const content = withoutInterpolation({
    name: projectName(topology),
    services,
    ...(Object.keys(networks).length === 0 ? {} : { networks }),
  })
  // YAML 1.1 quoting, which Compose's own parser needs for words such as "no" and for colon-separated numbers.
  const text = `#${COMPOSE_COMMENT}\n${stringify(content, { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false })}`
  // Without line numbers and a hunt for duplicate keys, which the comparison finds as well, reading back takes half the time.
  if (JSON.stringify(parse(text, { version: "1.1", prettyErrors: false, uniqueKeys: false })) !== JSON.stringify(content))
    throw new Error("rendered compose.yaml does not read back as it was meant")
  return text
}

export function projectName(topology: Topology): string {
  return `gonka-ha-${topology.deployment}`
}
