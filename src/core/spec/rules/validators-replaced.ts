import type { Rule, RuleContext } from "../rule.ts"
import { MAX_PORT } from "../schema.ts"
import { fixForUnknown } from "./lookup.ts"

/** A host for the new signer, for the examples. */
const SIG_2 = "hosts:\n  sig-2: { ssh: root@sig-2, private: 10.0.0.32, provider: four, site: four-a }\n"

const replacedHostIsKnown: Rule = {
  id: "GHA-322",
  title: "The hosts of replaced signers stay under hosts.",
  severity: "error",
  why: "A lost host may come back with its key and its old containers, and gonka-ha fences it there only when it knows how to reach it.",
  fix: "leave the lost host under hosts",
  bad: { yaml: `${SIG_2}validators:\n  main: { signer: { host: sig-2, replaces: [sig-9] } }\n` },
  good: { yaml: `${SIG_2}validators:\n  main: { signer: { host: sig-2, replaces: [sig-1] } }\n` },
  check: ({ spec }) => {
    const known = Object.keys(spec.hosts)
    return replacedPlaces(spec)
      .filter(({ host }) => !Object.hasOwn(spec.hosts, host))
      .map(({ host, path }) => ({ path, message: `${host} is not under hosts`, fix: fixForUnknown("hosts", host, known) }))
  },
}

const signerDoesNotReplaceItself: Rule = {
  id: "GHA-323",
  title: "A signer's host is not one of those that it replaces.",
  severity: "error",
  why: "What is replaced is fenced for ever: the signer would be stopped on every contact.",
  fix: "let the signer run on another host; a repaired machine comes back under another name and another private address",
  bad: { yaml: "validators:\n  main: { signer: { host: sig-1, replaces: [sig-1] } }\n" },
  good: { yaml: `${SIG_2}validators:\n  main: { signer: { host: sig-2, replaces: [sig-1] } }\n` },
  check: ({ spec }) =>
    replacedPlaces(spec)
      .filter(({ host, present }) => host === present)
      .map(({ host, path }) => ({ path, message: `${host} is also where the signer is now` })),
}

const hostIsReplacedOnce: Rule = {
  id: "GHA-324",
  title: "A replaced host stands once in the list.",
  severity: "error",
  why: "Each mention moves the privval port of every candidate by one, and with it all of them away from the signer.",
  fix: "name it once",
  bad: { yaml: `${SIG_2}validators:\n  main: { signer: { host: sig-2, replaces: [sig-1, sig-1] } }\n` },
  good: { yaml: `${SIG_2}validators:\n  main: { signer: { host: sig-2, replaces: [sig-1] } }\n` },
  check: ({ spec }) =>
    replacedPlaces(spec)
      .filter(({ host, before }) => before.includes(host))
      .map(({ host, path }) => ({ path, message: `${host} stands there twice` })),
}

const movedPortIsInRange: Rule = {
  id: "GHA-325",
  title: "The privval port stays below 32768 when it moves away from a replaced signer.",
  severity: "error",
  why: "The kernel takes the ports above for outgoing connections, and then the node does not start.",
  fix: "set `ports: { privval: … }` to a lower one that no earlier signer of the node has dialled",
  bad: {
    yaml: `${SIG_2}private:\n  node-1: { ports: { privval: 32767 } }\nvalidators:\n  main: { signer: { host: sig-2, replaces: [sig-1] } }\n`,
  },
  good: {
    yaml: `${SIG_2}private:\n  node-1: { ports: { privval: 32766 } }\nvalidators:\n  main: { signer: { host: sig-2, replaces: [sig-1] } }\n`,
  },
  check: ({ shape }) =>
    shape.nodes
      .filter(({ ports, privvalMoves }) => privvalMoves > 0 && ports.privval > MAX_PORT)
      .map(({ pool, name, ports, privvalMoves }) => ({
        path: [pool, name],
        message: `its privval port is ${ports.privval} now, after ${privvalMoves === 1 ? "one replaced signer host" : `${privvalMoves} replaced signer hosts`}`,
      })),
}

function replacedPlaces(spec: RuleContext["spec"]) {
  return Object.entries(spec.validators).flatMap(([name, { signer }]) =>
    (signer.replaces ?? []).map((host, index, all) => ({
      host,
      present: signer.host,
      before: all.slice(0, index),
      path: ["validators", name, "signer", "replaces", index],
    })),
  )
}

export const REPLACED_RULES: readonly Rule[] = [replacedHostIsKnown, signerDoesNotReplaceItself, hostIsReplacedOnce, movedPortIsInRange]
