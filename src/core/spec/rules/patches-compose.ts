import { nearestName } from "../../nearest-name.ts"
import { balancersOf, serviceName } from "../../topology.ts"
import { COMPOSE_KEYS, isComposeKey, ownedIn } from "../compose-keys.ts"
import type { Rule } from "../rule.ts"
import type { Shape } from "../shape.ts"
import { fixForUnknown } from "./lookup.ts"
import { environmentIsHarmless } from "./patches-environment.ts"

/** The services that a topology makes, by the names that `compose` uses. */
function servicesOf({ nodes, validators, apis, edges }: Shape): readonly string[] {
  return [
    ...nodes.map(({ name }) => serviceName.node(name)),
    ...nodes.filter(({ candidateOf }) => candidateOf.length > 0).map(({ name }) => serviceName.parking(name)),
    ...validators.map(({ name }) => serviceName.signer(name)),
    ...balancersOf({ apis, edges }).map(({ name }) => serviceName.balancer(name)),
  ]
}

const serviceExists: Rule = {
  id: "GHA-513",
  title: "Every service under `compose` is one that the topology makes.",
  severity: "error",
  why: "Settings of a service that is not there do nothing, and the one that was meant goes without.",
  fix: "name a service: a node, NODE-parking, VALIDATOR-signer, or API-balancer and EDGE-balancer",
  bad: { yaml: "compose:\n  sentry1: { mem_limit: 16g }\n" },
  good: { yaml: "compose:\n  sentry-1: { mem_limit: 16g }\n  main-signer: { mem_limit: 512m }\n" },
  check({ spec, shape }) {
    const known = servicesOf(shape)
    return Object.keys(spec.compose ?? {})
      .filter((service) => !known.includes(service))
      .map((service) => ({
        path: ["compose", service],
        message: "is no service of this topology",
        fix: fixForUnknown("services", service, known),
      }))
  },
}

const composeKeyIsKnown: Rule = {
  id: "GHA-514",
  title: "Every key of a service under `compose` is one of Compose's.",
  severity: "error",
  why: "Compose refuses the whole file, and nothing on the host can be started.",
  fix: "remove it or check its spelling in Compose's reference; keys of your own start with x-",
  bad: { yaml: "compose:\n  sentry-1: { memlimit: 16g }\n" },
  good: { yaml: "compose:\n  sentry-1: { mem_limit: 16g }\n" },
  check: ({ spec }) =>
    Object.entries(spec.compose ?? {}).flatMap(([service, patch]) => [
      ...Object.keys(patch)
        .filter((key) => !isComposeKey(key))
        .map((key) => {
          const meant = nearestName(key, COMPOSE_KEYS)
          return {
            path: ["compose", service, key],
            message: "is no key of a Compose service",
            ...(meant === undefined ? {} : { fix: `did you mean ${meant}?` }),
          }
        }),
      ...Object.entries(patch)
        .flatMap(([key, value]) => mergeKeysIn(value, ["compose", service, key]))
        .map((path) => ({ path, message: "is YAML's key for merging, which Compose would carry out", fix: "give it another name" })),
    ]),
}

/** A `<<` that was written as a name, in quotes, would be none any more in the rendered file. */
function mergeKeysIn(value: unknown, path: readonly (string | number)[]): readonly (readonly (string | number)[])[] {
  if (typeof value !== "object" || value === null) return []
  const entries: readonly (readonly [string | number, unknown])[] = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
  return entries.flatMap(([key, inner]) => [...(key === "<<" ? [[...path, key]] : []), ...mergeKeysIn(inner, [...path, key])])
}

const composeKeyIsFree: Rule = {
  id: "GHA-515",
  title: "No key under `compose` is one that gonka-ha sets itself.",
  severity: "error",
  why: "Another value would take away what keeps the signer alone, the keys safe or the service findable.",
  fix: "remove it",
  bad: { yaml: "compose:\n  main-signer: { restart: always }\n" },
  good: { yaml: "compose:\n  main-signer: { labels: { team: chain } }\n" },
  check: ({ spec }) =>
    Object.entries(spec.compose ?? {}).flatMap(([service, patch]) =>
      ownedIn(patch).map(({ path, reason }) => ({ path: ["compose", service, ...path], message: `is set by gonka-ha alone: ${reason}` })),
    ),
}

/** Rules about what an operator puts above the Compose files. */
export const COMPOSE_RULES: readonly Rule[] = [serviceExists, composeKeyIsKnown, composeKeyIsFree, environmentIsHarmless]
