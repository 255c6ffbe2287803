import type { Topology } from "../topology.ts"
import type { Step } from "./step.ts"

/** The host on which a step acts or looks: its own, its node's, or its signer's; undefined when the topology has no such node or validator. */
export function stepHost({ nodes, validators }: Pick<Topology, "nodes" | "validators">, { kind, args }: Step): string | undefined {
  if ("host" in args) return args.host
  const validator = "validator" in args ? validators.find(({ name }) => name === args.validator) : undefined
  // These steps act on the signer, whichever node they are about.
  const atSigner = kind.startsWith("signer.")
  const node = "node" in args ? nodes.find(({ name }) => name === args.node) : undefined
  return atSigner ? validator?.signerHost : (node?.host ?? validator?.signerHost)
}
