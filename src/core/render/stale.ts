import { isTemporaryName } from "../temporary-name.ts"

/** Every path below `rendered/` that gonka-ha can have written: a host, then the layout of a deployment. */
const OURS =
  /^[a-z][a-z0-9-]*\/(compose\.yaml|RUNBOOK\.md|PORTS\.md|ports\.json|firewall\/(gonka-ha\.nft|docker-user\.sh)|haproxy\/(api|edge)-[a-z0-9-]+\/(haproxy\.cfg|hold\.lua)|nodes\/[a-z0-9-]+\/config\/(config\.toml|app\.toml|start-node\.sh|node-health\.sh|settings)|nodes\/[a-z0-9-]+\/parking\/config\/(tmkms\.toml|park\.sh|signer-health\.sh|settings)|signers\/[a-z0-9-]+\/config\/(tmkms-[a-z0-9-]+\.toml|guard\.sh|signer-health\.sh|settings))$/

/** Files below `rendered/` that an earlier topology left behind; what an operator put there is not among them. */
export function staleFiles(present: readonly string[], wanted: ReadonlySet<string>): string[] {
  return present.filter((path) => !wanted.has(path) && (OURS.test(path) || isTemporaryName(path.slice(path.lastIndexOf("/") + 1))))
}
