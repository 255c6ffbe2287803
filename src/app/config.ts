import { AppError } from "../core/errors.ts"
import { hasErrors, type Issue } from "../core/issue.ts"
import { type ExplainedSpec, explainedSpec } from "../core/spec/explained.ts"
import { checkFile, invalidSpec, type LoadPorts, loadTopology } from "./load.ts"
import type { SpecSource } from "./load-layers.ts"

export type ResolvedConfig = ExplainedSpec & {
  readonly file: string
  /** What is wrong with the spec all the same. */
  readonly issues: readonly Issue[]
  /** Why ids of nodes are not told; undefined when they are. */
  readonly idsUnknown: string | undefined
}

/**
 * `gonka-ha config`: everything that the files say and mean. A spec that breaks rules is shown, too: where its values come from is what
 * helps to mend it. @throws AppError SPEC_INVALID when the form is wrong, FILE_UNREADABLE, USAGE
 */
export async function resolvedConfig(ports: LoadPorts, source: SpecSource): Promise<ResolvedConfig> {
  const { file, spec, origins, issues } = await checkFile(ports, source)
  if (!spec || !origins) throw invalidSpec(file, issues)
  const ids = hasErrors(issues) ? { reason: "the topology has errors" } : await nodeIds(ports, source)
  const known = "known" in ids ? ids.known : new Map<string, string>()
  return { ...explainedSpec(spec, origins, known), file, issues, idsUnknown: "reason" in ids ? ids.reason : undefined }
}

async function nodeIds(
  ports: LoadPorts,
  source: SpecSource,
): Promise<{ readonly known: ReadonlyMap<string, string> } | { readonly reason: string }> {
  try {
    const { topology } = await loadTopology(ports, source)
    return { known: new Map(topology.nodes.map(({ name, id }) => [name, id])) }
  } catch (error) {
    // Missing or damaged keys are no reason to show nothing of a file that is right.
    if (error instanceof AppError && error.code.startsWith("KEY_")) return { reason: error.message }
    throw error
  }
}
