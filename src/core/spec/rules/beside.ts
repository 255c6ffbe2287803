import type { Rule } from "../rule.ts"

/** A rule that is checked in a place of its own: it looks at the answers of the other rules, or at values before their form is known. */
type RuleBeside = Omit<Rule, "check">

export const CANNOT_SUPPRESS: RuleBeside = {
  id: "GHA-012",
  title: "Only warnings are suppressed.",
  severity: "error",
  why: "An error means that the deployment would be unsafe or would not work.",
  fix: "mend what the rule says, and remove this entry",
  bad: {
    yaml: "hosts:\n  val-2: { private: 10.0.0.21 } # the address of val-1\nsuppress:\n  - { rule: GHA-104, reason: both are behind one address }\n",
  },
  good: {
    yaml: "hosts:\n  val-2: { private: 10.0.0.22 }\n",
  },
}

export const SUPPRESSES_NOTHING: RuleBeside = {
  id: "GHA-013",
  title: "Every entry of suppress accepts a warning that is there.",
  severity: "warning",
  why: "A forgotten entry would hide the next real warning.",
  fix: "remove this entry",
  bad: { yaml: "suppress:\n  - { rule: GHA-308, reason: the second node comes in June }\n" },
  good: {
    yaml: "validators:\n  main: { candidates: [node-1] }\nsuppress:\n  - { rule: GHA-308, path: validators.main, reason: the second node comes in June }\n",
  },
}

export const LITERAL_SECRET: RuleBeside = {
  id: "GHA-901",
  title: "No secret stands in a topology file.",
  severity: "error",
  why: "This file is committed and copied; a key in it is a key that others have.",
  fix: "move it to a file with mode 0600 and write `{ file: PATH }`, or use `env:` or `command:`; if it was ever committed, it is no secret any more",
  bad: { yaml: 'compose:\n  main-signer:\n    environment: { SIGNER_PASSWORD: "correct horse" }\n' },
  good: { yaml: "validators:\n  main:\n    signer: { key: { env: CONSENSUS_KEY } }\n" },
}

export const RULES_BESIDE: readonly RuleBeside[] = [CANNOT_SUPPRESS, SUPPRESSES_NOTHING, LITERAL_SECRET]
