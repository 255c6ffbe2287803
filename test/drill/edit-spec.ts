import { readFile, writeFile } from "node:fs/promises"
import { parseDocument } from "yaml"
import type { Operator } from "./operator.ts"

/** Sets values in the operator's gonka-ha.yaml, as with an editor; gives back how it was. */
export async function editSpec(
  operator: Operator,
  values: readonly (readonly [path: readonly string[], value: unknown])[],
): Promise<() => Promise<void>> {
  const file = operator.path("gonka-ha.yaml")
  const before = await readFile(file, "utf8")
  const spec = parseDocument(before)
  for (const [path, value] of values) spec.setIn(path, value)
  await writeFile(file, spec.toString())
  return () => writeFile(file, before)
}
