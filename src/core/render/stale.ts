import { isTemporaryName } from "../temporary-name.ts"

/** Every path below `rendered/` that gonka-ha can have written: a host, then the layout of a deployment. */
const OURS =
  /^[a-z][a-z0-9-]*\/(compose\.yaml|nodes\/[a-z0-9-]+\/config\/(config\.toml|app\.toml|start-node\.sh|settings)|nodes\/[a-z0-9-]+\/parking\/config\/(tmkms\.toml|park\.sh|settings)|signers\/[a-z0-9-]+\/config\/(tmkms-[a-z0-9-]+\.toml|guard\.sh|settings))$/

/** Files below `rendered/` that an earlier topology left behind; what an operator put there is not among them. */
export function staleFiles(present: readonly string[], wanted: ReadonlySet<string>): string[] {
  return present.filter((path) => !wanted.has(path) && (OURS.test(path) || isTemporaryName(path.slice(path.lastIndexOf("/") + 1))))
}
