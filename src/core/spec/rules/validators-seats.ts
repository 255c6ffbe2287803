import type { Rule } from "../rule.ts"
import type { Shape } from "../shape.ts"
import { twins } from "./lookup.ts"
import { type Seeker, sharingGroups, withoutSeat } from "./seats.ts"

/** A second validator for the examples, with a signer of its own. */
const other = (candidates: string, firstActive: string) =>
  `  other:
    candidates: ${candidates}
    firstActive: ${firstActive}
    pubkey: AT/+aaL1eB0477Mud9JMm8Sh8BIvOYlPGC9KkIUmFaE=
    signer: { host: sig-2 }
`
const SIGNER_HOST = "hosts:\n  sig-2: { ssh: root@sig-2, private: 10.0.0.32, provider: four, site: four-a }\n"

const firstActiveIsFree: Rule = {
  id: "GHA-312",
  title: "No two validators begin on one node.",
  severity: "error",
  why: "A node has one privval port and listens to one signer, so the second validator would not sign.",
  fix: "let each validator begin on a node of its own",
  bad: { yaml: `${SIGNER_HOST}validators:\n${other("[node-1, node-2]", "node-1")}` },
  good: { yaml: `${SIGNER_HOST}validators:\n${other("[node-2, node-3]", "node-2")}` },
  check: ({ spec }) =>
    twins(spec.validators, ({ firstActive }) => firstActive).map(({ name, first }) => ({
      path: ["validators", name, "firstActive"],
      message: `is also where ${first} begins: a node holds one signer`,
    })),
}

const everyValidatorHasASeat: Rule = {
  id: "GHA-313",
  title: "There is a node for every validator at the same time.",
  severity: "error",
  why: "A node holds one signer, so with fewer nodes than validators somebody never signs.",
  fix: "add a private node to its candidates that no other validator needs",
  bad: {
    yaml: `${SIGNER_HOST}validators:\n  main: { candidates: [node-1] }\n${other("[node-1]", "node-1")}`,
  },
  good: { yaml: `${SIGNER_HOST}validators:\n  main: { candidates: [node-1, node-2] }\n${other("[node-1, node-3]", "node-3")}` },
  check: ({ shape }) =>
    withoutSeat(seekers(shape)).map(({ name, nodes }) => ({
      path: ["validators", name, "candidates"],
      message: `leave no node for it when the other validators sit on theirs: ${nodes.join(", ")} ${nodes.length === 1 ? "is" : "are"} needed by them`,
    })),
}

const thereIsASpareSeat: Rule = {
  id: "GHA-314",
  title: "Validators that share nodes have a node to spare.",
  severity: "warning",
  why: "When every shared node carries a signer, a lost one leaves its validator nowhere to go.",
  fix: "add another private node to the candidates of each",
  bad: { yaml: `${SIGNER_HOST}validators:\n  main: { candidates: [node-1, node-2] }\n${other("[node-1, node-2]", "node-2")}` },
  good: {
    yaml: `${SIGNER_HOST}validators:\n  main: { candidates: [node-1, node-2, node-3] }\n${other("[node-1, node-2, node-3]", "node-2")}`,
  },
  check: ({ shape }) =>
    sharingGroups(seekers(shape))
      .filter((group) => group.length > 1 && withoutSeat(group).length === 0 && nodesOf(group).length === group.length)
      .map((group) => ({
        path: ["validators", lastOf(group), "candidates"],
        message: `have no node to spare: ${group.map(({ name }) => name).join(", ")} need all of ${nodesOf(group).join(", ")}`,
      })),
}

/** Candidates that are no private nodes are reported elsewhere, and count here as if they were. */
function seekers(shape: Shape): readonly Seeker[] {
  return shape.validators
    .map(({ name, candidates }) => ({ name, nodes: candidates.map(({ node }) => node) }))
    .filter(({ nodes }) => nodes.length > 0)
}

function nodesOf(group: readonly Seeker[]): readonly string[] {
  return [...new Set(group.flatMap(({ nodes }) => nodes))]
}

function lastOf(group: readonly Seeker[]): string {
  return group.at(-1)?.name ?? ""
}

export const SEATS_RULES: readonly Rule[] = [firstActiveIsFree, everyValidatorHasASeat, thereIsASpareSeat]
