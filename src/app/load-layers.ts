import { AppError, EXIT } from "../core/errors.ts"
import type { Issue } from "../core/issue.ts"
import { pathFrom } from "../core/local-path.ts"
import { nearestName } from "../core/nearest-name.ts"
import type { LocalFiles } from "../core/ports.ts"
import { checkProfile, fileLayer, type SpecLayers } from "../core/spec/check.ts"
import { parseSource, type SourceFile } from "../core/spec/document.ts"
import { extendedBy, isDestination, overlayFile } from "../core/spec/overlay.ts"
import { FORM } from "../core/spec/rules/form.ts"
import type { Layer } from "../core/spec/traced.ts"

/** A topology file and the destination whose overlay lies above it. */
export type SpecSource = { readonly file: string; readonly destination?: string | undefined }

/** A file that the operator wrote, as it was read. */
export type SpecText = { readonly file: string; readonly text: string }

export type ReadLayers = {
  readonly layers: SpecLayers | undefined
  /** The topology file and its overlays, the weakest first; the profile comes with the package. */
  readonly texts: readonly SpecText[]
  readonly issues: readonly Issue[]
}

type Ports = { readonly files: LocalFiles; readonly profilesDir: string }

/** Reads a spec, its overlays and its profile. @throws AppError FILE_UNREADABLE, USAGE; what is wrong inside of the files are issues */
export async function readLayers(ports: Ports, source: SpecSource): Promise<ReadLayers> {
  const overlays = await overlayFiles(ports.files, source)
  const files = [{ kind: "spec" as const, file: source.file }, ...overlays.files.map((file) => ({ kind: "overlay" as const, file }))]
  const issues: Issue[] = [...overlays.issues]
  const layers: Layer[] = []
  const sources: SourceFile[] = []
  const texts: SpecText[] = []
  for (const { kind, file } of files) {
    const text = await ports.files.readText(file)
    texts.push({ file, text })
    const parsed = parseSource(file, text)
    issues.push(...parsed.issues)
    if (!parsed.source) continue
    sources.push(parsed.source)
    layers.push(fileLayer(kind, parsed.source))
  }
  if (issues.length > 0) return { layers: undefined, texts, issues }
  const { profile, issues: profileIssues } = await readProfile(ports, sources)
  return { layers: { profile, files: layers }, texts, issues: profileIssues }
}

/** The overlays of a destination, the weakest first: each may extend another one. */
async function overlayFiles(files: LocalFiles, { file, destination }: SpecSource): Promise<{ files: string[]; issues: Issue[] }> {
  if (destination === undefined) return { files: [], issues: [] }
  if (!isDestination(destination))
    throw new AppError("USAGE", EXIT.usage, `${destination} is not a destination`, {
      hint: "a destination is a lower-case word, such as testnet",
    })
  const found: string[] = []
  for (let name = destination; ; ) {
    const overlay = overlayFile(file, name)
    if (found.includes(overlay)) {
      const circle = [...found.slice(found.indexOf(overlay)), overlay].join(" extends ")
      return { files: [], issues: [overlayIssue(overlay, `the overlays go round in a circle: ${circle}`)] }
    }
    if (!(await files.exists(overlay))) {
      if (found.length > 0)
        return { files: [], issues: [overlayIssue(found.at(-1) ?? overlay, `extends ${name}, but there is no ${overlay}`)] }
      throw new AppError("FILE_UNREADABLE", EXIT.usage, `there is no ${overlay}`, { hint: `-d ${name} puts this file over ${file}` })
    }
    found.push(overlay)
    const parsed = parseSource(overlay, await files.readText(overlay))
    // What is wrong with the file itself is reported where all files are read.
    const next = extendedBy(parsed.source?.value)
    if (next.kind === "wrong") return { files: [], issues: [overlayIssue(overlay, "extends must name one destination", parsed.source)] }
    if (next.kind === "none") return { files: found.reverse(), issues: [] }
    name = next.name
  }
}

function overlayIssue(file: string, message: string, source?: SourceFile): Issue {
  const place = source?.place(["extends"]) ?? { file, line: 1, column: 1 }
  return { severity: "error", rule: FORM.overlays.id, path: "extends", message, why: FORM.overlays.why, fix: FORM.overlays.fix, place }
}

/** The profile that the files name, the last word counting; undefined, with the reason, when there is none. */
export async function readProfile(
  ports: Ports,
  sources: readonly SourceFile[],
): Promise<{ profile: Layer | undefined; issues: readonly Issue[] }> {
  const naming = sources.findLast((source) => profileName(source) !== undefined)
  const name = naming && profileName(naming)
  // A profile that is not even a word is a matter of the spec's form, which the schema reports.
  if (naming === undefined || typeof name !== "string") return { profile: undefined, issues: [] }
  const known = await profileNames(ports)
  if (!known.includes(name)) {
    const meant = nearestName(name, known)
    const fix = meant ? `did you mean ${meant}? known: ${known.join(", ")}` : `one of: ${known.join(", ")}`
    const { id: rule, severity, why } = FORM.unknownProfile
    return {
      profile: undefined,
      issues: [{ severity, rule, path: "profile", message: `there is no profile ${name}`, why, fix, place: naming.place(["profile"]) }],
    }
  }
  const file = pathFrom(ports.profilesDir, `${name}.yaml`)
  const parsed = parseSource(file, await ports.files.readText(file))
  const { issues } = parsed.source ? checkProfile(parsed.source) : parsed
  if (!parsed.source || issues.length > 0) return { profile: undefined, issues }
  return { profile: { kind: "profile", name, value: parsed.source.value }, issues: [] }
}

function profileName({ value }: SourceFile): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, "profile") : undefined
}

export async function profileNames({ files, profilesDir }: Ports): Promise<readonly string[]> {
  return (await files.list(profilesDir)).filter((path) => path.endsWith(".yaml")).map((path) => path.slice(0, -".yaml".length))
}
