import { expect, it } from "vitest"
import { errorText } from "../../../src/cli/show-error.ts"
import { AppError, EXIT } from "../../../src/core/errors.ts"

it("shows code, message, every issue with its place and fix, and the hint", () => {
  const error = new AppError("SPEC_INVALID", EXIT.specInvalid, "gonka-ha.yaml has 2 errors", {
    hint: "edit it",
    issues: [
      { severity: "error", path: "hosts.a.ssh", message: "is missing", place: { file: "gonka-ha.yaml", line: 7, column: 3 } },
      { severity: "warning", path: "", message: "one sentry only", fix: "add another" },
    ],
  })
  expect(errorText(error)).toEqual({
    exit: 3,
    text: `error[SPEC_INVALID]: gonka-ha.yaml has 2 errors
  gonka-ha.yaml:7:3: error: hosts.a.ssh: is missing
  warning: one sentry only
    fix: add another
hint: edit it
`,
  })
})

it("shows no stack for what was expected, and the cause's own exit code does not win", () => {
  const cause = new AppError("RPC", EXIT.unreachable, "inner")
  const { text, exit } = errorText(new AppError("HALF_WAY", EXIT.halfWay, "outer", { cause }))
  expect([text, exit]).toEqual(["error[HALF_WAY]: outer\n", 7])
})

it.each([
  { name: "an error", thrown: new TypeError("x is not a function"), shows: "TypeError: x is not a function\n    at " },
  { name: "a text", thrown: "oops", shows: "error[BUG]: oops" },
  { name: "nothing", thrown: undefined, shows: "error[BUG]: undefined" },
])("calls $name that nobody expected a bug, with its stack", ({ thrown, shows }) => {
  const { text, exit } = errorText(thrown)
  expect(exit).toBe(1)
  expect(text).toContain(shows)
  expect(text).toMatch(/please report it/)
})
