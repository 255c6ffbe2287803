import { expect, it } from "vitest"
import { jsonReport } from "../../../src/cli/json-report.ts"
import { plainReport } from "../../../src/cli/report.ts"
import type { Event } from "../../../src/core/events.ts"
import { publishedNames } from "../../support/published-schema.ts"

const step = { number: 3, of: 12, title: "sen-1: bring up sentry-1", host: "sen-1" }
const EVENTS: readonly { readonly event: Event; readonly plain: string; readonly json: unknown }[] = [
  { event: { kind: "step-begins", ...step }, plain: "", json: { kind: "step-begins", ...step } },
  {
    event: { kind: "step-done", ...step, tookMs: 4200.4, fact: "it runs" },
    plain: "✓ 3/12 sen-1: bring up sentry-1: it runs (4.2s)\n",
    json: { kind: "step-done", ...step, fact: "it runs", elapsedMs: 4200 },
  },
  {
    event: { kind: "step-done", ...step, tookMs: 12, fact: undefined },
    plain: "✓ 3/12 sen-1: bring up sentry-1 (12ms)\n",
    json: { kind: "step-done", ...step, elapsedMs: 12 },
  },
  {
    event: { kind: "step-failed", ...step, reason: "port 26656 is taken" },
    plain: "✗ 3/12 sen-1: bring up sentry-1: port 26656 is taken\n",
    json: { kind: "step-failed", ...step, reason: "port 26656 is taken" },
  },
  {
    event: { kind: "step-skipped", title: "node-1: wait until fresh", reason: "sentry-1 is not up" },
    plain: "- node-1: wait until fresh: skipped: sentry-1 is not up\n",
    json: { kind: "step-skipped", title: "node-1: wait until fresh", reason: "sentry-1 is not up" },
  },
  {
    event: { kind: "waiting", what: "sentry-1 to be fresh", now: "height 7", sinceMs: 2000.1, host: "sen-1", number: 3 },
    plain: "  … 2.0s waiting for sentry-1 to be fresh: height 7\n",
    json: { kind: "waiting", host: "sen-1", number: 3, what: "sentry-1 to be fresh", now: "height 7", elapsedMs: 2000 },
  },
  {
    event: { kind: "note", text: "warning: node-1: is old\n    fix: \u001b[2Jbring it up" },
    plain: "  warning: node-1: is old\n      fix: \\x1b[2Jbring it up\n",
    json: { kind: "note", text: "warning: node-1: is old\n    fix: \u001b[2Jbring it up" },
  },
]

it.each(EVENTS)("tells people and programs of a $event.kind", ({ event, plain, json }) => {
  const said = { people: "", programs: "" }
  plainReport((text) => {
    said.people += text
  })(event)
  jsonReport(
    (text) => {
      said.programs += text
    },
    () => "2026-11-23T12:00:00.000Z",
  )(event)
  expect(said.people).toBe(plain)
  expect(JSON.parse(said.programs)).toEqual({ schema: "gonka-ha/event/v1", at: "2026-11-23T12:00:00.000Z", ...Object(json) })
  expect([said.programs.match(/\n/g)?.length, publishedNames(said.programs)]).toEqual([1, ["event"]])
})

it("tells people of a long wait every ten seconds, and of each one for itself", () => {
  const told: string[] = []
  const report = plainReport((text) => told.push(text.trim()))
  for (let sinceMs = 16_000; sinceMs <= 44_000; sinceMs += 2000) {
    report({ kind: "waiting", what: "one", now: "not yet", sinceMs })
    if (sinceMs === 30_000) report({ kind: "waiting", what: "two", now: "not yet", sinceMs })
  }
  report({ kind: "waiting", what: "one", now: "again", sinceMs: 2000 })
  expect(told).toEqual([
    ...["16.0s", "18.0s", "20.0s"].map((time) => `… ${time} waiting for one: not yet`),
    "… 30.0s waiting for one: not yet",
    "… 30.0s waiting for two: not yet",
    "… 40.0s waiting for one: not yet",
    "… 2.0s waiting for one: again",
  ])
})
