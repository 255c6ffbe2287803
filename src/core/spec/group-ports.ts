import type { z } from "zod"
import type { Issue } from "../issue.ts"
import { FORM } from "./rules/form.ts"
import { MAX_PORT } from "./schema.ts"
import { at, placeIn, plain, type Traced } from "./traced.ts"

/**
 * Groups whose ports leave their range when the nodes are dealt out: once for each group, whatever the number of its nodes and ports. Nothing
 * else can be wrong with the form of a spec after its shorthands are taken out and not before.
 */
export function groupPortIssues(error: z.ZodError, { origins, written }: { readonly origins: Traced; readonly written: Traced }): Issue[] {
  const groups = new Map<string, readonly PropertyKey[]>()
  for (const { path } of error.issues) {
    const group = [path[0], String(path[1]).replace(/-\d+$/, "")].join(".")
    if (!groups.has(group)) groups.set(group, path)
  }
  return [...groups].map(([group, path]) => {
    const [, node, ...port] = path
    const value = at(origins, path)
    const place = placeIn(written, group.split("."))
    return {
      severity: FORM.wrongValue.severity,
      rule: FORM.wrongValue.id,
      path: group,
      message: `has more nodes than its hosts have ports for: ${String(node)} would get ${String(value && plain(value))} as ${port.join(".")}, and ports end at ${MAX_PORT}`,
      why: FORM.wrongValue.why,
      fix: "name more hosts, lower `count`, or begin with lower ports",
      ...(place ? { place } : {}),
    }
  })
}
