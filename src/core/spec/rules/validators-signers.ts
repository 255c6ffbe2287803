import type { Rule, RuleContext } from "../rule.ts"
import type { Spec } from "../schema.ts"
import type { ShapeValidator } from "../shape.ts"
import { hasOneHost, hostUses } from "./host-uses.ts"
import { own, twins } from "./lookup.ts"

const signerHasItsOwnHost: Rule = {
  id: "GHA-305",
  title: "The signer runs on a host without candidates.",
  severity: "warning",
  why: "The loss of that host takes the node that signs together with the only thing that knows what was signed.",
  fix: "put the signer on a host that runs no candidate",
  bad: { without: ["hosts.sig-1"], yaml: "validators:\n  main: { signer: { host: val-2 } }\n" },
  good: { yaml: "validators:\n  main: { signer: { host: sig-1 } }\n" },
  check: ({ spec, shape }) =>
    shape.validators.flatMap(({ name, candidates, written }) => {
      const shared = candidates.filter(({ node }) => own(spec.private, node)?.host === written.signer.host)
      return shared.length === 0
        ? []
        : [
            {
              path: ["validators", name, "signer", "host"],
              message: `also carries ${shared.map(({ node }) => node).join(", ")}: losing it loses the signer, and then only a human may decide who signs`,
            },
          ]
    }),
}

const signerFailsAlone: Rule = {
  id: "GHA-306",
  title: "The signer shares no failure domain with its candidates.",
  severity: "warning",
  why: "What is in one rack, or all at one site, is lost at once, and then nobody can tell what was signed last.",
  fix: "put the signer into another rack and at another site",
  bad: { yaml: "hosts:\n  sig-1: { provider: one, site: one-b, rack: a1 }\n  val-1: { provider: one, site: one-b, rack: a1 }\n" },
  good: { yaml: "hosts:\n  sig-1: { provider: office, site: office-a, rack: a1 }\n  val-1: { provider: one, site: one-b, rack: a1 }\n" },
  check: (context) =>
    context.shape.validators.flatMap((validator) => {
      const shared = sharedDomain(context, validator)
      return shared === undefined ? [] : [{ path: ["validators", validator.name, "signer", "host"], message: shared }]
    }),
}

type Host = Spec["hosts"][string]

const sameSite = (a: Host, b: Host) => a.site !== undefined && a.site === b.site && a.provider === b.provider
const sameRack = (a: Host, b: Host) => a.rack !== undefined && a.rack === b.rack && a.site === b.site && a.provider === b.provider
/** A provider says little where sites are given: those are what fails together. */
const sameProviderOnly = (a: Host, b: Host) =>
  a.provider !== undefined && a.provider === b.provider && (a.site === undefined || b.site === undefined)

function sharedDomain({ spec }: RuleContext, { candidates, written }: ShapeValidator): string | undefined {
  const signer = own(spec.hosts, written.signer.host)
  // Candidates on the signer's own host are the matter of another rule.
  const others = candidates.flatMap(({ node }) => {
    const name = own(spec.private, node)?.host
    const host = own(spec.hosts, name)
    return host === undefined || name === written.signer.host ? [] : [{ node, host }]
  })
  if (signer === undefined || others.length === 0) return undefined
  const inRack = others.filter(({ host }) => sameRack(signer, host)).map(({ node }) => node)
  if (inRack.length > 0) return `is in the rack of ${inRack.join(", ")}: they are lost together`
  if (others.every(({ host }) => sameSite(signer, host)))
    return `is at the site of every candidate: ${signer.site} takes all of them with it`
  if (others.every(({ host }) => sameProviderOnly(signer, host)))
    return `is at the provider of every candidate: ${signer.provider} takes all of them with it`
  return undefined
}

const signerIsNotSeen: Rule = {
  id: "GHA-307",
  title: "The signer does not share a host with a sentry.",
  severity: "warning",
  why: "A sentry is what the world may attack, and the consensus key should not lie on that machine.",
  fix: "put the signer on a host that the network does not know",
  bad: { without: ["hosts.sig-1"], yaml: "validators:\n  main: { signer: { host: sen-1 } }\n" },
  good: { yaml: "validators:\n  main: { signer: { host: sig-1 } }\n" },
  check: ({ spec }) => signersBeside(spec, "sentry").map(({ path, names }) => ({ path, message: `also carries the sentry ${names}` })),
}

const signersAreApart: Rule = {
  id: "GHA-319",
  title: "Signers of different validators run on different hosts.",
  severity: "warning",
  why: "The loss of that host stops several validators at once.",
  fix: "give each signer a host of its own",
  bad: {
    yaml: "validators:\n  other:\n    candidates: [node-2, node-3]\n    firstActive: node-3\n    pubkey: AT/+aaL1eB0477Mud9JMm8Sh8BIvOYlPGC9KkIUmFaE=\n    signer: { host: sig-1 }\n",
  },
  good: {
    yaml: "hosts:\n  sig-2: { ssh: root@sig-2, private: 10.0.0.32, provider: four, site: four-a }\nvalidators:\n  other:\n    candidates: [node-2, node-3]\n    firstActive: node-3\n    pubkey: AT/+aaL1eB0477Mud9JMm8Sh8BIvOYlPGC9KkIUmFaE=\n    signer: { host: sig-2 }\n",
  },
  check: ({ spec }) =>
    twins(spec.validators, ({ signer }) => signer.host).map(({ name, first }) => ({
      path: ["validators", name, "signer", "host"],
      message: `also carries the signer of ${first}: both validators stop together`,
    })),
}

const signerServesNoUsers: Rule = {
  id: "GHA-321",
  title: "The signer does not share a host with an api or an entry point.",
  severity: "warning",
  why: "What answers users can be overloaded or broken into by users, and the consensus key lies beside it.",
  fix: "put the signer on a host that serves nobody else",
  bad: { yaml: "api:\n  manager: { host: sig-1 }\n" },
  good: { yaml: "api:\n  manager: { host: api-1 }\n" },
  check: ({ spec }) =>
    (["api", "entry point"] as const).flatMap((kind) =>
      signersBeside(spec, kind).map(({ path, names }) => ({ path, message: `also carries the ${kind} ${names}` })),
    ),
}

/** Signers on a host that carries something of this kind, too. */
function signersBeside(spec: Spec, kind: "sentry" | "api" | "entry point") {
  if (hasOneHost(spec)) return []
  const uses = hostUses(spec)
  return uses
    .filter((use) => use.kind === "signer")
    .flatMap(({ path, host }) => {
      const names = uses.filter((use) => use.kind === kind && use.host === host).map(({ name }) => name)
      return names.length === 0 ? [] : [{ path, names: names.join(", ") }]
    })
}

export const SIGNERS_RULES: readonly Rule[] = [signerHasItsOwnHost, signerFailsAlone, signerIsNotSeen, signersAreApart, signerServesNoUsers]
