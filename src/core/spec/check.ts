import type { z } from "zod"
import type { Issue } from "../issue.ts"
import { BUILT_IN } from "./built-in.ts"
import type { SourceFile } from "./document.ts"
import { expanded } from "./expand.ts"
import { formIssues, lostKeys } from "./form-issues.ts"
import { groupPortIssues } from "./group-ports.ts"
import { literalSecrets, withoutLiteralSecrets } from "./literal-secrets.ts"
import type { RuleContext } from "./rule.ts"
import { RULES } from "./rules/catalogue.ts"
import { profileSchema, type Spec, specSchema } from "./schema.ts"
import { shapeOf } from "./shape.ts"
import { type Suppressed, withoutSuppressed } from "./suppress.ts"
import { at, type Layer, merged, placeIn, plain, type Traced, traced, withEntry, withoutPath } from "./traced.ts"

/** What a topology is made of, the weakest first: a profile, the file, its overlays. */
export type SpecLayers = { readonly profile: Layer | undefined; readonly files: readonly Layer[] }

export type CheckedSpec = {
  /** Expanded; there whenever the form is right. Whether it may be used, the issues tell. */
  readonly spec?: Spec
  /** The expanded spec with the origin of every value. */
  readonly origins: Traced
  readonly issues: readonly Issue[]
  readonly suppressed: readonly Suppressed[]
}

/** A file as a layer of a spec. */
export function fileLayer(kind: "spec" | "overlay", source: SourceFile): Layer {
  return { kind, name: source.file, value: source.value, place: source.place }
}

/**
 * Checks the form of a spec and then its meaning; all problems come back at once, each with its place.
 * Without a profile, what only a profile could complete is not looked at.
 */
export function checkSpec({ profile, files }: SpecLayers): CheckedSpec {
  const whole = [BUILT_IN, ...(profile ? [profile] : []), ...files].map((layer) => traced(layer)).reduce(merged)
  // A secret is one too under a key that gonka-ha does not look at.
  const secrets = literalSecrets(whole)
  const checked = checkMeant(withoutExtensions(whole), secrets, profile !== undefined)
  return { ...checked, issues: [...secrets, ...withoutLiteralSecrets(whole, checked.issues)] }
}

function checkMeant(all: Traced, secrets: readonly Issue[], hasProfile: boolean): CheckedSpec {
  const strict = specSchema.safeParse(plain(all))
  const form = [...lostKeys(all), ...(strict.success ? [] : formIssues(strict.error, specSchema, all).filter(unlessAt(secrets)))]
  // A key that nobody knows says nothing about the others: their meaning is checked all the same.
  const written = strict.success ? all : withoutUnknownKeys(all, strict.error)
  const parsed = strict.success ? strict : specSchema.safeParse(plain(written))
  if (!parsed.success) return { origins: all, issues: form, suppressed: [] }
  const origins = expanded(written)
  const again = specSchema.safeParse(plain(origins))
  // Ports of a group may have moved out of their range; nothing else can differ.
  if (!again.success) return { origins, issues: [...form, ...groupPortIssues(again.error, { origins, written })], suppressed: [] }
  const context: RuleContext = { spec: again.data, written: parsed.data, shape: shapeOf(again.data), hasProfile }
  const { issues, suppressed } = withoutSuppressed(parsed.data.suppress ?? [], ruleIssues(context, { origins, written }), (path) =>
    placeIn(written, path),
  )
  return { ...(form.length === 0 ? { spec: again.data } : {}), origins, issues: [...form, ...issues], suppressed }
}

/** What a rule about secrets has said of a value need not be said again as a wrong form. */
function unlessAt(secrets: readonly Issue[]): (issue: Issue) => boolean {
  const paths = new Set(secrets.map((issue) => issue.path))
  return (issue) => !paths.has(issue.path)
}

function withoutUnknownKeys(root: Traced, error: z.ZodError): Traced {
  const unknown = error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...issue.path, key].map(String)) : [],
  )
  return unknown.reduce(withoutPath, root)
}

function ruleIssues(context: RuleContext, { origins, written }: { readonly origins: Traced; readonly written: Traced }): Issue[] {
  return RULES.flatMap((rule) => {
    const issues = rule.check(context).map(({ path, message, fix }): Issue => {
      // A group is gone from the expanded spec: what is wrong with the group itself stands where it was written.
      const isOfShorthand = at(origins, path) === undefined && at(written, path) !== undefined
      const place = placeIn(isOfShorthand ? written : origins, path)
      return {
        severity: rule.severity,
        rule: rule.id,
        path: path.join("."),
        message,
        why: rule.why,
        fix: fix ?? rule.fix,
        ...(place ? { place } : {}),
      }
    })
    return saidOnce(issues)
  })
}

/** What is wrong with a line of a pool is wrong with every node of the pool; to say it once is enough. */
function saidOnce(issues: readonly Issue[]): readonly Issue[] {
  const said = new Set<string>()
  return issues.filter(({ place, message, path }) => {
    // What differs in more than the node is another finding, also where both stand at one place: two settings that are not there.
    const key = JSON.stringify([place, message, path.replace(/^(sentries|private)\.[^.]+/, "$1")])
    const isNew = place === undefined || !said.has(key)
    said.add(key)
    return isNew
  })
}

/** Checks the form of a profile, which is gonka-ha's own. */
export function checkProfile(source: SourceFile): { profile?: z.output<typeof profileSchema>; issues: readonly Issue[] } {
  const parsed = profileSchema.safeParse(source.value)
  return parsed.success
    ? { profile: parsed.data, issues: [] }
    : { issues: formIssues(parsed.error, profileSchema, traced(fileLayer("spec", source))) }
}

/** Keys that start with x- are the operator's own; `extends` has done its work when layers are put together. */
function withoutExtensions(root: Traced): Traced {
  if (root.kind === "leaf") return root
  const extensions = [...root.entries.keys()].filter((key) => key.startsWith("x-") || key === "extends")
  return extensions.reduce<Traced>((now, key) => withEntry(now, key, undefined), root)
}
