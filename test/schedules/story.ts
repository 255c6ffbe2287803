import type { Outcome } from "./run-schedule.ts"
import type { Schedule } from "./schedule.ts"

/** What happened, one line each: when, who, what. */
export function storyOf(schedule: Schedule, { story, violations }: Outcome): string {
  const { shape, items, outdated, isBare } = schedule
  const setting = [
    `deployment "${shape}"`,
    ...(isBare ? ["nothing installed yet"] : []),
    ...outdated.map((service) => `${service} older than its files`),
  ].join(", ")
  const lines = withoutRepeats(story).map(({ atMs, who, what }) => `${(atMs / 1000).toFixed(2).padStart(9)} s  ${who}: ${what}`)
  return [`${items.length} events, ${setting}`, ...lines, ...violations.map(({ kind, what }) => `broken: ${kind}: ${what}`)].join("\n")
}

/** A guard that says the same thing each minute says it once. */
function withoutRepeats(story: Outcome["story"]): Outcome["story"] {
  const said = new Map<string, string>()
  return story.filter(({ who, what }) => {
    const isRepeat = said.get(who) === what
    said.set(who, what)
    return !isRepeat
  })
}
