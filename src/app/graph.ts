import { AppError, EXIT } from "../core/errors.ts"
import { dotText } from "../core/graph/dot.ts"
import { graphOf } from "../core/graph/graph-of.ts"
import { type GraphView, graphView } from "../core/graph/graph-view.ts"
import { mermaidText } from "../core/graph/mermaid.ts"
import { svgOfDot } from "../core/graph/svg.ts"
import type { Spec } from "../core/spec/schema.ts"
import { type LoadPorts, loadSpec } from "./load.ts"
import type { SpecSource } from "./load-layers.ts"

export type GraphFormat = "mermaid" | "dot" | "svg"

export type GraphRequest = {
  readonly source: SpecSource
  /** Not given: what the file's ending says, else Mermaid. */
  readonly format: GraphFormat | undefined
  /** Where the picture goes; not given, it is only returned. */
  readonly output: string | undefined
}

/** `gonka-ha graph`: the picture of a topology file; no key has to exist. @throws AppError like loadSpec; USAGE, FILE_UNWRITABLE */
export async function drawGraph(ports: LoadPorts, { source, format, output }: GraphRequest): Promise<string> {
  // A file is put into its place by renaming, which would take the place of the device itself.
  if (output?.startsWith("/dev/")) {
    throw new AppError("USAGE", EXIT.usage, `${output} is a device, not a file`, {
      hint: "leave -o out: the picture is then written to standard output",
    })
  }
  const { spec } = await loadSpec(ports, source)
  const picture = await drawn(spec, format ?? formatOfFile(output))
  if (output !== undefined) await ports.files.replace(output, picture, 0o644)
  return picture
}

/** `gonka-ha graph --json`: the same as nodes and edges. @throws AppError like loadSpec */
export async function viewGraph(ports: LoadPorts, source: SpecSource): Promise<GraphView> {
  return graphView((await loadSpec(ports, source)).spec)
}

async function drawn(spec: Spec, format: GraphFormat): Promise<string> {
  const graph = graphOf(spec)
  switch (format) {
    case "mermaid":
      return mermaidText(graph)
    case "dot":
      return dotText(graph)
    case "svg":
      return svgOfDot(dotText(graph))
  }
}

function formatOfFile(file: string | undefined): GraphFormat {
  if (file?.endsWith(".svg")) return "svg"
  return file?.endsWith(".dot") || file?.endsWith(".gv") ? "dot" : "mermaid"
}
