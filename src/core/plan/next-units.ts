import { titleOf, type UnitName, type UpUnit, unitName } from "./up-units.ts"

export type UnitState = "waiting" | "running" | "done" | "failed" | "skipped"

export type Next = {
  readonly start: readonly UpUnit[]
  /** Those that cannot begin any more, each with its reason. */
  readonly skip: readonly { readonly unit: UpUnit; readonly because: string }[]
}

/**
 * What may begin now. Sentries come first, and the first one that is well again proves the new files for all others; whatever serves or signs
 * is touched alone; what is new goes along in parallel.
 * @param isSentryFresh whether some sentry serves the private nodes now, whatever became of those that were touched
 * @param parallel units that may run at a time
 */
export function nextUnits(
  units: readonly UpUnit[],
  states: ReadonlyMap<UnitName, UnitState>,
  { isSentryFresh, parallel }: { readonly isSentryFresh: boolean; readonly parallel: number },
): Next {
  const stateOf = (name: UnitName): UnitState => states.get(name) ?? "waiting"
  const isOpen = (state: UnitState) => state === "waiting" || state === "running"
  const running = units.filter((unit) => stateOf(unitName(unit)) === "running")
  const sentries = units.filter(({ kind, role }) => kind === "node" && role === "sentry")
  const isProven = sentries.some((unit) => stateOf(unitName(unit)) === "done")
  const openSentries = sentries.filter((unit) => isOpen(stateOf(unitName(unit))))
  const start: UpUnit[] = []
  const skip: { unit: UpUnit; because: string }[] = []
  for (const unit of units) {
    if (stateOf(unitName(unit)) !== "waiting") continue
    const failed = unit.needs.find((name) => stateOf(name) === "failed" || stateOf(name) === "skipped")
    if (failed !== undefined) {
      skip.push({ unit, because: `it needs ${titleOf(failed)}, which failed` })
      continue
    }
    if ([...unit.needs, ...unit.after].some((name) => isOpen(stateOf(name)))) continue
    const gate = sentryGate(unit, {
      sentries,
      openSentries,
      isProven,
      isSentryFresh,
      isOneRunning: running.some(({ role }) => role === "sentry"),
    })
    if (gate === "closed") skip.push({ unit, because: "no sentry could be brought up, and it would stand without one" })
    if (gate !== "open") continue
    const isAlone = !unit.isCareful || ![...running, ...start].some(({ isCareful }) => isCareful)
    if (isAlone && running.length + start.length < parallel) start.push(unit)
  }
  return { start, skip }
}

function sentryGate(
  unit: UpUnit,
  at: {
    readonly sentries: readonly UpUnit[]
    readonly openSentries: readonly UpUnit[]
    readonly isProven: boolean
    readonly isSentryFresh: boolean
    readonly isOneRunning: boolean
  },
): "open" | "wait" | "closed" {
  if (unit.kind === "install" || at.sentries.length === 0) return "open"
  const isSentry = unit.role === "sentry"
  if (at.isProven) {
    // What runs behind the sentries is only touched when all of them have been.
    return isSentry || !unit.isCareful || at.openSentries.length === 0 ? "open" : "wait"
  }
  if (isSentry) return at.openSentries[0] === unit && !at.isOneRunning ? "open" : "wait"
  if (at.openSentries.length > 0) return "wait"
  return at.isSentryFresh ? "open" : "closed"
}
