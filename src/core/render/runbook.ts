import type { Exposure } from "../exposure/exposure.ts"
import { exposureOn } from "../exposure/exposure-of.ts"
import { hostOf, type Topology } from "../topology.ts"
import { fenceParagraphs, firewallParagraphs, rebootParagraphs, replacedParagraphs, restoreParagraphs } from "./runbook-care.ts"
import { lookParagraphs } from "./runbook-look.ts"
import { promoteParagraphs } from "./runbook-promote.ts"

/** What to do on a host when gonka-ha itself is not at hand: commands with this deployment's own names, in the order of need. */
export function runbook(topology: Topology, hostName: string, open: readonly Exposure[] = exposureOn(topology, hostName)): string {
  const host = hostOf(topology, hostName)
  const signers = topology.validators.filter((validator) => validator.signerHost === hostName)
  const movable = topology.validators.filter(
    (validator) =>
      signers.includes(validator) || topology.nodes.some((node) => node.host === hostName && node.candidateOf.includes(validator.name)),
  )
  const paragraphs = [
    `# Runbook of ${hostName} (${topology.deployment})`,
    `Written by gonka-ha; private address ${host.privateAddress}, directory \`${topology.dir}\`. Commands are for root on the host that is named, and need nothing but Docker and a shell. Where gonka-ha is at hand, use it: it does the same and checks more.`,
    ...lookParagraphs(topology, host),
    ...movable.flatMap((validator) => promoteParagraphs(topology, validator)),
    ...signers.flatMap((validator) => fenceParagraphs(topology, validator)),
    ...replacedParagraphs(topology, host),
    ...restoreParagraphs(topology, host),
    ...rebootParagraphs(topology, host),
    ...firewallParagraphs(topology, open),
  ]
  return `${paragraphs.join("\n\n")}\n`
}
