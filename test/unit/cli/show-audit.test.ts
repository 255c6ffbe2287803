import { expect, it } from "vitest"
import { auditText } from "../../../src/cli/show-audit.ts"

const at = "2026-11-23T12:00:00.000Z"
const line = { host: "sen-1", at, by: "anna@desk", from: "192.0.2.7", what: "up: 5 steps done (20261123-120000-up)" }

it("shows lines in at most 80 columns, and what one command wrote on several hosts once", () => {
  const lines = [
    line,
    { ...line, host: "sen-2" },
    { ...line, host: "val-1", what: "up: stopped: the disk is full" },
    { host: "val-1", what: "by hand" },
  ]
  const text = auditText({ lines, unread: [], cut: [] })
  expect(text).toBe(`WHEN (UTC)           HOSTS           WHO AND WHAT
2026-11-23 12:00:00  sen-1, sen-2    anna@desk from 192.0.2.7: up: 5 steps done
                                     (20261123-120000-up)
2026-11-23 12:00:00  val-1           anna@desk from 192.0.2.7: up: stopped: the
                                     disk is full
                     val-1           by hand
`)
  expect(Math.max(...text.split("\n").map((each) => each.length))).toBeLessThanOrEqual(80)
})

it("says which log is longer, which was not read, and that there is none", () => {
  expect(auditText({ lines: [], unread: [{ host: "val-1", reason: "no route" }], cut: ["sen-1"] })).toBe(
    "no audit line was found\n… the log of sen-1 goes back further; `gonka-ha ssh sen-1` shows all of it\n? the log of val-1 could not be read: no route\n",
  )
})
