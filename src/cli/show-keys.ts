import type { GeneratedKeys, ImportedKeys, PublicKeys } from "../app/keys.ts"

/** The table of `gonka-ha keys show`; `--json` prints the value itself. */
export function publicKeysText(keys: PublicKeys): string {
  const width = Math.max(...keys.nodes.map((node) => node.name.length))
  return [
    ...keys.nodes.map((node) => `${node.name.padEnd(width)}  ${node.role.padEnd(7)}  ${node.id}`),
    ...keys.validators.flatMap((validator) => [
      "",
      `validator ${validator.name}`,
      `  address     ${validator.address}`,
      `  consensus   ${validator.consensusAddress}`,
      `  public key  ${validator.pubkey}`,
      `  private key ${validator.keyHere ? "on this machine" : "not on this machine"}`,
    ]),
    "",
  ].join("\n")
}

export function generatedKeysText({ made }: GeneratedKeys): string {
  return made.length === 0 ? "no key was missing\n" : `${made.map((path) => `made ${path}`).join("\n")}\n`
}

export function importedKeysText({ validator, key, state }: ImportedKeys): string {
  return [
    ...(key ? [`validator ${validator}: ${key.imported === "stored" ? "imported the key" : "already has the key"} ${key.pubkey}`] : []),
    ...(state ? [`validator ${validator}: ${state.imported === "stored" ? "sealed" : "already sealed"} at height ${state.sealedAt}`] : []),
    "",
  ].join("\n")
}
