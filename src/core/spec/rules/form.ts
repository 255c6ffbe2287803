import type { Severity } from "../rule.ts"

/** What is wrong before a file means anything. These have whole files as examples, since a fragment of them cannot be merged. */
export type FormRule = {
  readonly id: string
  readonly title: string
  readonly severity: Severity
  readonly why: string
  readonly fix: string
  /** Undefined where an example would be too long to read. */
  readonly bad: string | undefined
  readonly good: string
}

const error = (id: string, title: string, why: string, fix: string, bad: string | undefined, good: string): FormRule => ({
  id,
  title,
  severity: "error",
  why,
  fix,
  bad,
  good,
})

export const FORM = {
  notYaml: error(
    "GHA-001",
    "The file is valid YAML.",
    "What cannot be read cannot be checked, and nothing is guessed.",
    "mend the syntax at this place; indentation is by spaces",
    "hosts: [a, b\n",
    "hosts:\n  sen-1: { ssh: root@10.0.0.11, private: 10.0.0.11 }\n",
  ),
  duplicateKey: error(
    "GHA-002",
    "No key stands twice in one map.",
    "YAML readers differ in which of the two they take.",
    "keep one of them",
    "name: one\nname: two\n",
    "name: one\n",
  ),
  tooLarge: error(
    "GHA-003",
    "The file is smaller than one megabyte.",
    "A topology of hundreds of nodes is far smaller; this is another file.",
    "name the topology file with -f",
    undefined,
    "name: one\n",
  ),
  badAlias: error(
    "GHA-004",
    "Aliases are few and lead to an anchor.",
    "A file of aliases of aliases unfolds without end.",
    "write the value out",
    "name: *nobody\n",
    "name: one\n",
  ),
  notAMap: error(
    "GHA-005",
    "The file is a map of settings.",
    "An empty file, a list or prose describes no deployment.",
    "start from `gonka-ha init`",
    "- one\n- two\n",
    "name: one\n",
  ),
  unknownKey: error(
    "GHA-006",
    "Every key is one of the language.",
    "A misspelt key would silently do nothing. Keys of your own start with x-.",
    "remove it or check its spelling",
    "imagse: {}\n",
    "images: {}\nx-notes: mine\n",
  ),
  missing: error(
    "GHA-007",
    "What is needed is there.",
    "There is no sensible default for it.",
    "add it",
    "apiVersion: gonka-ha/v1\nname: one\nhosts: {}\nsentries: {}\nprivate: {}\nvalidators: {}\n",
    "apiVersion: gonka-ha/v1\nname: one\nprofile: devnet\nhosts: {}\nsentries: {}\nprivate: {}\nvalidators: {}\n",
  ),
  wrongValue: error(
    "GHA-008",
    "Every value has the form of its key.",
    "A value of another form would be read as something that nobody meant.",
    "write it as the message says",
    "name: Not A Name\n",
    "name: not-a-name\n",
  ),
  badName: error(
    "GHA-009",
    "Names are lower-case words of at most 31 characters.",
    "They become names of containers, directories and services.",
    "use a letter, then letters, digits or dashes",
    "hosts: { Sig_1: { local: true } }\n",
    "hosts: { sig-1: { local: true } }\n",
  ),
  unknownProfile: error(
    "GHA-010",
    "The profile is one that gonka-ha has.",
    "Chain id, prefixes and block time come from it.",
    "name one of the known profiles",
    "profile: mainnet\n",
    "profile: gonka-mainnet\n",
  ),
  overlays: error(
    "GHA-011",
    "Overlays exist, and no overlay extends itself.",
    "Without an end there is no result.",
    "take one `extends` out of the circle",
    "extends: testnet\n",
    "extends: staging\n",
  ),
} as const satisfies Record<string, FormRule>
