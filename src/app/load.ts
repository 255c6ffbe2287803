import { AppError, EXIT } from "../core/errors.ts"
import { hasErrors, type Issue } from "../core/issue.ts"
import type { KeyStore } from "../core/key-store.ts"
import { directoryOf, pathFrom } from "../core/local-path.ts"
import type { LocalFiles } from "../core/ports.ts"
import { checkSpec, type SpecLayers } from "../core/spec/check.ts"
import { resolve } from "../core/spec/resolve.ts"
import type { Spec } from "../core/spec/schema.ts"
import type { Suppressed } from "../core/spec/suppress.ts"
import type { Traced } from "../core/spec/traced.ts"
import type { Topology } from "../core/topology.ts"
import { readLayers, type SpecSource, type SpecText } from "./load-layers.ts"

const SPEC_FILE = "gonka-ha.yaml"

/** What reading a deployment needs from the outside. */
export type LoadPorts = {
  readonly files: LocalFiles
  /** Opens the keys below a deployment's state directory. */
  readonly keyStore: (place: KeyPlace) => KeyStore
  /** Where the package keeps its profiles. */
  readonly profilesDir: string
  /** The operator's home directory, for `~/` in the spec. */
  readonly home?: string | undefined
}

/** Where a deployment's keys are, and the directory that references in its spec start from. */
export type KeyPlace = { readonly stateDir: string; readonly specDir: string }

/** A spec with everything that is to be said about it. */
export type CheckedFile = {
  readonly file: string
  readonly dir: string
  /** Undefined when its form is wrong. */
  readonly spec: Spec | undefined
  readonly origins: Traced | undefined
  readonly issues: readonly Issue[]
  readonly suppressed: readonly Suppressed[]
}

/** A spec that is right in itself; what needs keys is not looked at. */
export type LoadedSpec = CheckedFile & {
  readonly spec: Spec
  readonly origins: Traced
  /** What it was read from: the topology file and its overlays, the weakest first. */
  readonly texts: readonly SpecText[]
  /** Where journal, receipts and keys of this deployment lie on this machine. */
  readonly stateDir: string
  /** Records of signers, shared by every deployment that the file and its overlays make. */
  readonly recordsDir: string
  /** Where its rendered files go. */
  readonly renderedDir: string
  readonly keys: KeyStore
}

export type LoadedTopology = LoadedSpec & { readonly topology: Topology }

/** The spec to work on: the option, else the environment's GONKA_HA_FILE, else the file of the usual name here. */
export function specFile(option: string | undefined, environment: string | undefined): string {
  return option ?? (environment === "" ? undefined : environment) ?? SPEC_FILE
}

/** Everything that is wrong with a spec and its overlays, without stopping at the first thing. @throws AppError FILE_UNREADABLE, USAGE */
export async function checkFile(ports: LoadPorts, source: SpecSource): Promise<CheckedFile> {
  const { checked } = await checkLayers(ports, source)
  return checked
}

async function checkLayers(
  ports: LoadPorts,
  source: SpecSource,
): Promise<{ readonly checked: CheckedFile; readonly layers: SpecLayers | undefined; readonly texts: readonly SpecText[] }> {
  const { file } = source
  if (!(await ports.files.exists(file))) {
    throw new AppError("FILE_UNREADABLE", EXIT.usage, `there is no ${file}`, { hint: "`gonka-ha init` writes one; -f names another file" })
  }
  const dir = directoryOf(file)
  const { layers, texts, issues } = await readLayers(ports, source)
  if (!layers) return { layers, texts, checked: { file, dir, spec: undefined, origins: undefined, issues, suppressed: [] } }
  const { spec, origins, issues: found, suppressed } = checkSpec(layers)
  return { layers, texts, checked: { file, dir, spec, origins, issues: [...issues, ...found], suppressed } }
}

/** @throws AppError SPEC_INVALID with every problem, FILE_UNREADABLE */
export async function loadSpec(ports: LoadPorts, source: SpecSource): Promise<LoadedSpec> {
  const { checked, layers, texts } = await checkLayers(ports, source)
  const { spec, origins, issues, dir } = checked
  if (!spec || !origins || !layers || hasErrors(issues)) throw invalidSpec(source.file, issues)
  const { stateDir, renderedDir } = placesOf(dir, spec.name, layers)
  const recordsDir = pathFrom(dir, ".gonka-ha/signer-records")
  return { ...checked, spec, origins, texts, stateDir, recordsDir, renderedDir, keys: ports.keyStore({ stateDir, specDir: dir }) }
}

/** An overlay that changes the name makes another deployment, whose keys and journals must not be those of the first. */
function placesOf(dir: string, name: string, { files }: SpecLayers): { readonly stateDir: string; readonly renderedDir: string } {
  const value = files[0]?.value
  const base: unknown = typeof value === "object" && value !== null ? Reflect.get(value, "name") : undefined
  const stateDir = pathFrom(dir, ".gonka-ha")
  return base === name
    ? { stateDir, renderedDir: pathFrom(dir, "rendered") }
    : { stateDir: pathFrom(stateDir, `deployments/${name}`), renderedDir: pathFrom(dir, `rendered-${name}`) }
}

/** The complete topology of a spec file. @throws like loadSpec; KEY_MISSING with every node whose key is missing, KEY_CONFLICT, KEY_INVALID */
export async function loadTopology(ports: LoadPorts, source: SpecSource): Promise<LoadedTopology> {
  const loaded = await loadSpec(ports, source)
  const { identities, issues } = await loaded.keys.identities(loaded.spec, addressPrefix(loaded.spec))
  if (!identities) {
    throw new AppError("KEY_MISSING", EXIT.specInvalid, `${source.file} is right, but not every node has a usable key`, {
      issues,
      hint: "run `gonka-ha keys generate`, or copy .gonka-ha/secrets/nodes from the machine where the deployment was made",
    })
  }
  return { ...loaded, topology: resolve(withSshConfigFrom(loaded.dir, loaded.spec, ports.home), identities) }
}

function addressPrefix({ chain }: Spec): string {
  const prefix = chain?.consensusAddressPrefix
  if (prefix === undefined) throw new Error("chain.consensusAddressPrefix is missing after validation")
  return prefix
}

function withSshConfigFrom(dir: string, spec: Spec, home: string | undefined): Spec {
  return spec.ssh?.config === undefined ? spec : { ...spec, ssh: { config: pathFrom(dir, spec.ssh.config, home) } }
}

export function invalidSpec(file: string, issues: readonly Issue[]): AppError {
  const count = issues.filter((issue) => issue.severity === "error").length
  return new AppError("SPEC_INVALID", EXIT.specInvalid, `${file} has ${count === 1 ? "one error" : `${count} errors`}`, { issues })
}
