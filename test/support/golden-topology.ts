import { readFileSync } from "node:fs"
import { join } from "node:path"
import { consensusAddress } from "../../src/core/consensus-address.ts"
import { checkProfile, checkSpec } from "../../src/core/spec/check.ts"
import { parseSource } from "../../src/core/spec/document.ts"
import { resolve } from "../../src/core/spec/resolve.ts"
import type { Topology } from "../../src/core/topology.ts"
import { identityOfPublicKey } from "../../src/edge/ed25519.ts"
import { sha256 } from "../../src/edge/sha256.ts"
import { PROFILES_DIR } from "./package-paths.ts"

/** A node id that depends on the name alone, so that the same bytes come out on every machine. */
export function fixedNodeId(node: string): string {
  return sha256(node).slice(0, 40)
}

/** The topology of a golden spec on the devnet profile, with fixed node ids. */
export function goldenTopology(text: string): Topology {
  const profileSource = parseSource("devnet.yaml", readFileSync(join(PROFILES_DIR, "devnet.yaml"), "utf8")).source
  const { profile } = profileSource ? checkProfile(profileSource) : {}
  const { source, issues } = parseSource("gonka-ha.yaml", text)
  const { spec, issues: specIssues } = source ? checkSpec(source, profile) : { issues }
  const errors = specIssues.filter((issue) => issue.severity === "error")
  if (!spec || !profile || errors.length > 0) throw new Error(`the golden spec is wrong: ${JSON.stringify(errors)}`)
  const nodes = [...Object.keys(spec.sentries), ...Object.keys(spec.private)]
  return resolve(spec, profile, {
    nodeIds: new Map(nodes.map((node) => [node, fixedNodeId(node)])),
    validators: new Map(
      Object.entries(spec.validators).map(([name, { pubkey }]) => {
        const { addressHex } = identityOfPublicKey(Buffer.from(pubkey, "base64"))
        return [name, { address: addressHex, consensusAddress: consensusAddress("cosmosvalcons", addressHex) }]
      }),
    ),
  })
}
