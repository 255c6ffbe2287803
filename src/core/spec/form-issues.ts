import type { z } from "zod"
import type { Issue } from "../issue.ts"
import { nearestName } from "../nearest-name.ts"
import { knownKeysAt } from "./known-keys.ts"
import { FORM, type FormRule } from "./rules/form.ts"
import { at, placeIn, plain, type Traced } from "./traced.ts"

type ZodIssue = z.core.$ZodIssue

/** What zod found, in an operator's words and with places. Values are not repeated: one of them may be a secret in the wrong place. */
export function formIssues(error: z.ZodError, schema: z.ZodType, written: Traced): Issue[] {
  return error.issues.flatMap((issue) => issuesOf(issue, [], schema, written))
}

function issuesOf(issue: ZodIssue, parent: readonly PropertyKey[], schema: z.ZodType, written: Traced): Issue[] {
  const path = [...parent, ...issue.path]
  if (issue.code === "unrecognized_keys") {
    const known = knownKeysAt(schema, path)
    return issue.keys.map((key) => {
      const meant = nearestName(key, known)
      return formIssue(FORM.unknownKey, [...path, key], "is not a known key", written, meant && `did you mean ${meant}?`)
    })
  }
  if (issue.code === "invalid_key")
    return [formIssue(FORM.badName, path, issue.issues[0]?.message ?? "is not a valid name", written, undefined)]
  if (issue.code === "invalid_union") {
    const branch = bestBranch(issue.errors)
    if (branch) return branch.flatMap((inner) => issuesOf(inner, path, schema, written))
  }
  const value = at(written, path)
  if (value === undefined && !isInsideLeaf(written, path)) return [formIssue(FORM.missing, path, "is missing", written, undefined)]
  if (value !== undefined && plain(value) === null) return [formIssue(FORM.missing, path, "is empty", written, undefined)]
  return [formIssue(FORM.wrongValue, path, issue.message.replace(/^Invalid input: /, "is wrong: "), written, undefined)]
}

/** A key that JavaScript keeps for itself, and that zod passes over without a word: what is written under it would be lost. */
const LOST_KEY = "__proto__"

export function lostKeys(root: Traced): Issue[] {
  return pathsOfKey(root, LOST_KEY, []).map((path) => formIssue(FORM.badName, path, "is not a name that can be used", root, undefined))
}

function pathsOfKey(root: Traced, wanted: string, path: readonly string[]): (readonly string[])[] {
  if (root.kind === "leaf") return []
  return [...root.entries].flatMap(([key, item]) => (key === wanted ? [[...path, key]] : pathsOfKey(item, wanted, [...path, key])))
}

/** Of the ways to write a value, the one whose outer form was met says best what is wrong inside; else there is no best. */
function bestBranch(branches: readonly (readonly ZodIssue[])[]): readonly ZodIssue[] | undefined {
  return branches.find((issues) =>
    issues.every((issue) => issue.path.length > 0 || !["invalid_type", "invalid_value"].includes(issue.code)),
  )
}

/** Elements of a list are not traced one by one, so what is missing there is judged by zod alone. */
function isInsideLeaf(written: Traced, path: readonly PropertyKey[]): boolean {
  return path.some((_, depth) => at(written, path.slice(0, depth))?.kind === "leaf")
}

function formIssue(rule: FormRule, path: readonly PropertyKey[], message: string, written: Traced, fix: string | undefined): Issue {
  const place = placeIn(written, path)
  return {
    severity: rule.severity,
    rule: rule.id,
    path: path.join("."),
    message,
    why: rule.why,
    fix: fix ?? rule.fix,
    ...(place ? { place } : {}),
  }
}
