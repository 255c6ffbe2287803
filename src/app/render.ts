import { pathFrom } from "../core/local-path.ts"
import type { LocalFiles } from "../core/ports.ts"
import { type FileSet, renderFiles, type Scripts, type Sha256 } from "../core/render/fileset.ts"
import { staleFiles } from "../core/render/stale.ts"
import type { Topology } from "../core/topology.ts"
import { type LoadedTopology, type LoadPorts, loadTopology } from "./load.ts"
import type { SpecSource } from "./load-layers.ts"

export type RenderPorts = LoadPorts & {
  /** Where the package keeps its scripts and presets. */
  readonly templatesDir: string
  readonly sha256: Sha256
}

/** How one file below `rendered/` differs from what it should be. */
type RenderedChange =
  | { readonly path: string; readonly change: "added" | "removed" }
  | { readonly path: string; readonly change: "changed"; readonly before: string; readonly after: string }

export type Rendered = {
  readonly loaded: LoadedTopology
  readonly files: FileSet
  /** Where the files are. */
  readonly dir: string
  /** In the order of their paths; already done unless it was only a check. */
  readonly changes: readonly RenderedChange[]
}

/** `gonka-ha render`: what every host should hold, as files next to the spec. With `check` nothing is written. */
export async function renderDeployment(
  ports: RenderPorts,
  request: { readonly source: SpecSource; readonly check: boolean },
): Promise<Rendered> {
  const loaded = await loadTopology(ports, request.source)
  const files = await renderTopology(ports, loaded.topology)
  const dir = loaded.renderedDir
  const wanted = new Map<string, string>(
    [...files.values()].flatMap((host) => host.files.map((file) => [`${host.host}/${file.path}`, file.content] as const)),
  )
  const changes = await changesIn(ports.files, dir, wanted)
  if (!request.check) {
    for (const { path, change } of changes) {
      if (change === "removed") await ports.files.removeBelow(dir, path)
      else await ports.files.replace(pathFrom(dir, path), wanted.get(path) ?? "", 0o644)
    }
  }
  return { loaded, files, dir, changes }
}

/** Renders a topology with the scripts of this package. */
export async function renderTopology(ports: Pick<RenderPorts, "files" | "templatesDir" | "sha256">, topology: Topology): Promise<FileSet> {
  const read = (name: string) => ports.files.readText(pathFrom(ports.templatesDir, name))
  const [startNode, nodeHealth, park, guard, signerHealth, hold] = await Promise.all([
    read("start-node.sh"),
    read("node-health.sh"),
    read("park.sh"),
    read("guard.sh"),
    read("signer-health.sh"),
    read("hold.lua"),
  ])
  const scripts: Scripts = { startNode, nodeHealth, park, guard, signerHealth, hold }
  return renderFiles(topology, scripts, ports.sha256)
}

async function changesIn(files: LocalFiles, dir: string, wanted: ReadonlyMap<string, string>): Promise<readonly RenderedChange[]> {
  const present = await files.list(dir)
  const known = new Set(present)
  const changes: RenderedChange[] = staleFiles(present, new Set(wanted.keys())).map((path) => ({ path, change: "removed" }))
  for (const [path, content] of wanted) {
    if (!known.has(path)) {
      changes.push({ path, change: "added" })
      continue
    }
    const before = await files.readText(pathFrom(dir, path))
    if (before !== content) changes.push({ path, change: "changed", before, after: content })
  }
  return changes.sort((a, b) => (a.path < b.path ? -1 : 1))
}
