import { checkSpec, fileLayer } from "../../src/core/spec/check.ts"
import { parseSource } from "../../src/core/spec/document.ts"
import type { Spec } from "../../src/core/spec/schema.ts"

/** A spec text in its checked form; the rules that need a profile are left out. */
export function parsedSpec(text: string): Spec {
  const { source, issues } = parseSource("gonka-ha.yaml", text)
  const spec = source && checkSpec({ profile: undefined, files: [fileLayer("spec", source)] }).spec
  if (!spec) throw new Error(`not a spec: ${JSON.stringify(issues)}`)
  return spec
}
