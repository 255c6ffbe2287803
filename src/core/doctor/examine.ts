import { AppError, EXIT } from "../errors.ts"
import { nearestName } from "../nearest-name.ts"
import type { Topology } from "../topology.ts"
import { CHECKS } from "./catalogue.ts"
import { AREAS, type Check } from "./check.ts"
import type { DoctorReport, Examined, Verdict } from "./doctor-report.ts"
import type { DoctorFacts } from "./facts.ts"
import { matrixOf } from "./trials.ts"

/** Judges what was seen by the chosen checks, in the order of the catalogue. */
export function examine(facts: DoctorFacts, checks: readonly Check[] = CHECKS): DoctorReport {
  const examined = checks.map((check) => examinedBy(check, facts))
  const has = (verdict: Verdict) => examined.filter((each) => each.verdict === verdict).length
  const { hosts, rows } = matrixOf(facts)
  const count = { checks: examined.length, ok: has("ok"), warn: has("warn"), bad: has("bad"), unknown: has("unknown") }
  return {
    deployment: facts.topology.deployment,
    chain: facts.topology.chain.id,
    count,
    checks: examined,
    matrix: { hosts: [...hosts], rows: rows.map((row) => [...row]) },
    exitCode: count.bad > 0 ? EXIT.critical : count.warn + count.unknown > 0 ? EXIT.degraded : EXIT.ok,
  }
}

function examinedBy(check: Check, facts: DoctorFacts): Examined {
  const findings = [...check.judge(facts)]
  const { id, title, why, scope, fix } = check
  return {
    id,
    title,
    why,
    scope,
    threshold: thresholdOf(check, facts.topology),
    fix,
    recheck: `gonka-ha doctor ${id}`,
    verdict: WORST_FIRST.find((verdict) => findings.some((finding) => finding.verdict === verdict)) ?? "ok",
    findings,
  }
}

const WORST_FIRST = ["bad", "warn", "unknown", "ok"] as const

export function thresholdOf({ threshold }: Pick<Check, "threshold">, topology: Topology): string {
  return typeof threshold === "string" ? threshold : threshold(topology)
}

/**
 * Checks by their names, or by the names of their areas; all when none is named.
 * @throws AppError USAGE with a guess
 */
export function chosenChecks(names: readonly string[]): readonly Check[] {
  const areas: readonly string[] = AREAS
  const known = new Set<string>([...CHECKS.map(({ id }) => id), ...areas])
  for (const name of names) {
    if (known.has(name)) continue
    const nearest = nearestName(name, known)
    const guess = nearest === undefined ? "" : `; did you mean ${nearest}?`
    throw new AppError("USAGE", EXIT.usage, `there is no check ${name}${guess}`, { hint: "`gonka-ha doctor --list` names all checks" })
  }
  return names.length === 0 ? CHECKS : CHECKS.filter(({ id }) => names.some((name) => id === name || id.startsWith(`${name}.`)))
}
