import type { Rule } from "../rule.ts"
import type { ShapeValidator } from "../shape.ts"
import { candidatePlaces } from "./candidate-places.ts"
import { commonValue, fixForUnknown, own, twins } from "./lookup.ts"
import { KEYS_RULES } from "./validators-keys.ts"
import { REPLACED_RULES } from "./validators-replaced.ts"
import { SEATS_RULES } from "./validators-seats.ts"
import { SIGNERS_RULES } from "./validators-signers.ts"

const candidateIsPrivate: Rule = {
  id: "GHA-301",
  title: "Every candidate is a private node.",
  severity: "error",
  why: "Only a private node may carry a signer, and a node that is not there can never be promoted.",
  fix: "name a node from private",
  bad: { yaml: "validators:\n  main: { candidates: [node-1, sentry-2] }\n" },
  good: { yaml: "validators:\n  main: { candidates: [node-1, node-2] }\n" },
  check({ spec }) {
    const known = Object.keys(spec.private)
    return candidatePlaces(spec.validators)
      .filter(({ node }) => !Object.hasOwn(spec.private, node))
      .map(({ node, path }) => ({ path, message: `${node} is not a private node`, fix: fixForUnknown("private nodes", node, known) }))
  },
}

const firstActiveIsACandidate: Rule = {
  id: "GHA-302",
  title: "The first active node is one of the candidates.",
  severity: "error",
  why: "The signer starts there once, and it may not serve a node that is no candidate.",
  fix: "name one of the candidates",
  bad: { yaml: "validators:\n  main: { candidates: [node-1, node-2], firstActive: node-3 }\n" },
  good: { yaml: "validators:\n  main: { candidates: [node-1, node-2], firstActive: node-1 }\n" },
  check: ({ shape }) =>
    shape.validators.flatMap(({ name, candidates, written }) => {
      const names = candidates.map((candidate) => candidate.node)
      return names.includes(written.firstActive)
        ? []
        : [
            {
              path: ["validators", name, "firstActive"],
              message: `${written.firstActive} is not one of the candidates`,
              fix: fixForUnknown("candidates", written.firstActive, names),
            },
          ]
    }),
}

const candidateIsNamedOnce: Rule = {
  id: "GHA-303",
  title: "No candidate is named twice.",
  severity: "error",
  why: "The second mention is likely a slip for another node, which would then not be there when it is needed.",
  fix: "name every candidate once",
  bad: { yaml: "validators:\n  main: { candidates: [node-1, node-2, node-1] }\n" },
  good: { yaml: "validators:\n  main: { candidates: [node-1, node-2, node-3] }\n" },
  check: ({ shape }) =>
    shape.validators.flatMap(({ name, candidates }) =>
      new Set(candidates.map(({ node }) => node)).size === candidates.length
        ? []
        : [{ path: ["validators", name, "candidates"], message: "names a node twice" }],
    ),
}

const consensusKeyIsUnique: Rule = {
  id: "GHA-304",
  title: "Every validator has a consensus key of its own.",
  severity: "error",
  why: "The chain removes a key that signed twice at one height, for good.",
  fix: "give every validator its own key",
  bad: {
    yaml: [
      "hosts:",
      "  sig-2: { ssh: root@sig-2, private: 10.0.0.32, provider: two, site: two-c }",
      "validators:",
      "  other:",
      "    candidates: [node-2, node-3]",
      "    firstActive: node-3",
      "    pubkey: XfWbGaVKGDe2iJlrVfVFmGTMtqCdnTeVyZPZNUEf0jE= # the key of validator main",
      "    signer: { host: sig-2 }",
      "",
    ].join("\n"),
  },
  good: {
    yaml: [
      "hosts:",
      "  sig-2: { ssh: root@sig-2, private: 10.0.0.32, provider: two, site: two-c }",
      "validators:",
      "  other:",
      "    candidates: [node-2, node-3]",
      "    firstActive: node-3",
      "    pubkey: AT/+aaL1eB0477Mud9JMm8Sh8BIvOYlPGC9KkIUmFaE=",
      "    signer: { host: sig-2 }",
      "",
    ].join("\n"),
  },
  check: ({ spec }) =>
    twins(spec.validators, (validator) => validator.pubkey).map(({ name, first }) => ({
      path: ["validators", name, "pubkey"],
      message: `is the key of validator ${first} too: two signers with one key double sign`,
    })),
}

const thereIsAStandby: Rule = {
  id: "GHA-308",
  title: "Every validator has at least two candidates.",
  severity: "warning",
  why: "When the only one is lost, signing stops until it is back.",
  fix: "add a second private node",
  bad: { yaml: "validators:\n  main: { candidates: [node-1] }\n" },
  good: { yaml: "validators:\n  main: { candidates: [node-1, node-2] }\n" },
  check: ({ shape }) =>
    shape.validators.flatMap(({ name, candidates }) =>
      candidates.length === 1
        ? [{ path: ["validators", name, "candidates"], message: "has one candidate: there is nothing to promote" }]
        : [],
    ),
}

const candidatesAreOnTwoHosts: Rule = {
  id: "GHA-309",
  title: "The candidates of a validator run on more than one host.",
  severity: "warning",
  why: "A standby that is lost together with the active node helps nobody.",
  fix: "name a candidate on another host",
  bad: {
    yaml: "private:\n  node-2: { host: val-1, ports: { p2p: 5100, rpc: 26757, rest: 1417, grpc: 9190, privval: 26758 } }\nvalidators:\n  main: { candidates: [node-1, node-2] }\n",
  },
  good: { yaml: "private:\n  node-2: { host: val-2 }\nvalidators:\n  main: { candidates: [node-1, node-2] }\n" },
  check({ spec, shape }) {
    // Where no private node is elsewhere, another rule has said so for all of them.
    const isAlone = commonValue(Object.values(spec.private).map((node) => node.host)) !== undefined
    return shape.validators.flatMap(({ name, candidates }) => {
      const host = commonValue(candidates.map(({ node }) => own(spec.private, node)?.host))
      return candidates.length > 1 && host !== undefined && !isAlone
        ? [{ path: ["validators", name, "candidates"], message: `are all on ${host}: they are lost together` }]
        : []
    })
  },
}

const aCandidateMayTakeOver: Rule = {
  id: "GHA-310",
  title: "At least one candidate of every validator may be chosen without a person.",
  severity: "warning",
  why: "With nofailover on all of them, gonka-ha never proposes a node, so somebody has to decide even in the clearest case.",
  fix: "take nofailover off the candidate that should come first",
  bad: {
    without: ["validators.main.candidates"],
    yaml: "validators:\n  main:\n    candidates:\n      node-1: { nofailover: true }\n      node-2: { nofailover: true }\n",
  },
  good: {
    without: ["validators.main.candidates"],
    yaml: "validators:\n  main:\n    candidates:\n      node-1: { priority: 200 }\n      node-2: { nofailover: true }\n      node-3: {}\n",
  },
  check: ({ shape }) =>
    shape.validators.flatMap((validator) =>
      isWithoutFailover(validator)
        ? [{ path: ["validators", validator.name, "candidates"], message: "are all nofailover: only a person may choose any of them" }]
        : [],
    ),
}

function isWithoutFailover({ candidates }: ShapeValidator): boolean {
  return candidates.length > 0 && candidates.every(({ nofailover }) => nofailover)
}

const thereIsAValidator: Rule = {
  id: "GHA-320",
  title: "There is a validator.",
  severity: "error",
  why: "Without one there is nothing to keep available.",
  fix: "add a validator with candidates, firstActive, pubkey and signer",
  bad: { without: ["validators", "api"], yaml: "validators: {}\n" },
  good: {
    yaml: "validators:\n  main:\n    candidates: [node-1, node-2]\n    firstActive: node-1\n    pubkey: XfWbGaVKGDe2iJlrVfVFmGTMtqCdnTeVyZPZNUEf0jE=\n    signer: { host: sig-1 }\n",
  },
  check: ({ shape }) => (shape.validators.length === 0 ? [{ path: ["validators"], message: "is empty" }] : []),
}

export const VALIDATORS_RULES: readonly Rule[] = [
  candidateIsPrivate,
  firstActiveIsACandidate,
  candidateIsNamedOnce,
  consensusKeyIsUnique,
  ...SIGNERS_RULES,
  ...REPLACED_RULES,
  thereIsAStandby,
  candidatesAreOnTwoHosts,
  aCandidateMayTakeOver,
  ...SEATS_RULES,
  ...KEYS_RULES,
  thereIsAValidator,
]
