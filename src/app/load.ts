import { AppError, EXIT } from "../core/errors.ts"
import { hasErrors, type Issue } from "../core/issue.ts"
import type { KeyStore } from "../core/key-store.ts"
import { directoryOf, pathFrom } from "../core/local-path.ts"
import type { LocalFiles } from "../core/ports.ts"
import { checkProfile, checkSpec } from "../core/spec/check.ts"
import { parseSource, type SourceFile } from "../core/spec/document.ts"
import { resolve } from "../core/spec/resolve.ts"
import type { Profile, Spec } from "../core/spec/schema.ts"
import type { Topology } from "../core/topology.ts"

const SPEC_FILE = "gonka-ha.yaml"

/** What reading a deployment needs from the outside. */
export type LoadPorts = {
  readonly files: LocalFiles
  /** Opens the keys that belong to the spec in a directory. */
  readonly keyStore: (specDir: string) => KeyStore
  /** Where the package keeps its profiles. */
  readonly profilesDir: string
  /** The operator's home directory, for `~/` in the spec. */
  readonly home?: string | undefined
}

/** A spec that is right in itself; what needs keys is not looked at. */
export type LoadedSpec = {
  readonly file: string
  readonly dir: string
  readonly spec: Spec
  readonly profile: Profile
  /** Warnings; errors are thrown. */
  readonly issues: readonly Issue[]
  readonly keys: KeyStore
}

export type LoadedTopology = LoadedSpec & { readonly topology: Topology }

/** The spec to work on: the option, else the environment's GONKA_HA_FILE, else the file of the usual name here. */
export function specFile(option: string | undefined, environment: string | undefined): string {
  return option ?? (environment === "" ? undefined : environment) ?? SPEC_FILE
}

/** @throws AppError SPEC_INVALID with every problem, FILE_UNREADABLE */
export async function loadSpec(ports: LoadPorts, file: string): Promise<LoadedSpec> {
  if (!(await ports.files.exists(file))) {
    throw new AppError("FILE_UNREADABLE", EXIT.usage, `there is no ${file}`, { hint: "`gonka-ha init` writes one; -f names another file" })
  }
  const parsed = parseSource(file, await ports.files.readText(file))
  if (!parsed.source) throw invalid(file, parsed.issues)
  const { profile, issues: profileIssues } = await loadProfile(ports, parsed.source)
  const checked = checkSpec(parsed.source, profile)
  const issues = [...profileIssues, ...checked.issues]
  if (!checked.spec || !profile || hasErrors(issues)) throw invalid(file, issues)
  const dir = directoryOf(file)
  return { file, dir, spec: checked.spec, profile, issues, keys: ports.keyStore(dir) }
}

/** The complete topology of a spec file. @throws like loadSpec; KEY_MISSING with every node whose key is missing, KEY_CONFLICT, KEY_INVALID */
export async function loadTopology(ports: LoadPorts, file: string): Promise<LoadedTopology> {
  const loaded = await loadSpec(ports, file)
  const { identities, issues } = await loaded.keys.identities(loaded.spec, addressPrefix(loaded))
  if (!identities) {
    throw new AppError("KEY_MISSING", EXIT.specInvalid, `${file} is right, but not every node has a usable key`, {
      issues,
      hint: "run `gonka-ha keys generate`, or copy .gonka-ha/secrets/nodes from the machine where the deployment was made",
    })
  }
  const spec = withSshConfigFrom(loaded.dir, loaded.spec, ports.home)
  return { ...loaded, topology: resolve(spec, loaded.profile, identities) }
}

function addressPrefix({ spec, profile }: Pick<LoadedSpec, "spec" | "profile">): string {
  const prefix = spec.chain?.consensusAddressPrefix ?? profile.chain?.consensusAddressPrefix
  if (prefix === undefined) throw new Error("chain.consensusAddressPrefix is missing after validation")
  return prefix
}

/** The profile that a spec names; undefined, with the reason, when there is none. */
export async function loadProfile(
  ports: Pick<LoadPorts, "files" | "profilesDir">,
  source: SourceFile,
): Promise<{ profile?: Profile; issues: readonly Issue[] }> {
  const name = typeof source.value === "object" && source.value !== null ? Reflect.get(source.value, "profile") : undefined
  // A profile that is not even a word is a matter of the spec's form, which the schema reports.
  if (typeof name !== "string") return { issues: [] }
  const known = (await ports.files.list(ports.profilesDir))
    .filter((path) => path.endsWith(".yaml"))
    .map((path) => path.slice(0, -".yaml".length))
  if (!known.includes(name)) {
    const place = source.place(["profile"])
    return {
      issues: [{ severity: "error", path: "profile", message: `there is no profile ${name}`, fix: `one of: ${known.join(", ")}`, place }],
    }
  }
  const file = pathFrom(ports.profilesDir, `${name}.yaml`)
  const parsed = parseSource(file, await ports.files.readText(file))
  return parsed.source ? checkProfile(parsed.source) : { issues: parsed.issues }
}

function withSshConfigFrom(dir: string, spec: Spec, home: string | undefined): Spec {
  return spec.ssh?.config === undefined ? spec : { ...spec, ssh: { config: pathFrom(dir, spec.ssh.config, home) } }
}

function invalid(file: string, issues: readonly Issue[]): AppError {
  const count = issues.filter((issue) => issue.severity === "error").length
  return new AppError("SPEC_INVALID", EXIT.specInvalid, `${file} has ${count === 1 ? "one error" : `${count} errors`}`, { issues })
}
