import type { z } from "zod"
import type { Issue } from "../issue.ts"
import type { SourceFile } from "./document.ts"
import { rules } from "./rules.ts"
import { type Profile, profileSchema, type Spec, specSchema } from "./schema.ts"

/**
 * Checks the form of a spec and then its meaning; all problems come back at once, each with its place.
 * The spec comes back whenever its form is right; whether it may be used, the issues tell.
 * Without a profile, what only a profile could complete is not looked at.
 */
export function checkSpec(source: SourceFile, profile: Profile | undefined): { spec?: Spec; issues: readonly Issue[] } {
  const parsed = specSchema.safeParse(source.value)
  if (!parsed.success) return { issues: formIssues(parsed.error, source) }
  const issues: Issue[] = rules
    .flatMap((rule) => rule(parsed.data, profile))
    .map(({ severity, path, message, fix }) => ({ severity, path: path.join("."), message, fix, place: source.place(path) }))
  return { spec: parsed.data, issues }
}

export function checkProfile(source: SourceFile): { profile?: Profile; issues: readonly Issue[] } {
  const parsed = profileSchema.safeParse(source.value)
  return parsed.success ? { profile: parsed.data, issues: [] } : { issues: formIssues(parsed.error, source) }
}

function formIssues(error: z.ZodError, source: SourceFile): Issue[] {
  return error.issues.flatMap((issue): Issue[] => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => {
        const path = [...issue.path, key]
        return {
          severity: "error",
          path: path.join("."),
          message: "is not a known key",
          fix: "remove it or check its spelling",
          place: source.place(path),
        }
      })
    }
    if (issue.code === "invalid_key") {
      const message = issue.issues[0]?.message ?? "is not a valid name"
      return [{ severity: "error", path: issue.path.join("."), message, place: source.place(issue.path) }]
    }
    return [{ severity: "error", path: issue.path.join("."), message: plain(issue, source), place: source.place(issue.path) }]
  })
}

/** zod says "Invalid input: expected string, received undefined"; an operator reads "is missing". */
function plain(issue: { readonly path: readonly PropertyKey[]; readonly message: string }, source: SourceFile): string {
  if (valueAt(source.value, issue.path) === undefined) return "is missing"
  return issue.message.replace(/^Invalid input: /, "is wrong: ")
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, part) => (typeof at === "object" && at !== null ? Reflect.get(at, part) : undefined), value)
}
