/** How the configuration differs between versions of tmkms; every unknown key is fatal to it (signing.md 2.1). */
export type TmkmsDialect = {
  /** Of the connection to CometBFT 0.38: older versions know the same wire form by an older name. */
  readonly protocolVersion: "v0.34" | "v0.38"
  /** Whether vote extensions have a switch, which stays off: Gonka has none. */
  readonly hasSignExtensions: boolean
}

/** What `versions.tmkms` of a topology may say. */
export const TMKMS_VERSIONS = ["0.12", "0.13", "0.14", "0.15"] as const
export type TmkmsVersion = (typeof TMKMS_VERSIONS)[number]

const DIALECTS: Readonly<Record<TmkmsVersion, TmkmsDialect>> = {
  "0.12": { protocolVersion: "v0.34", hasSignExtensions: false },
  "0.13": { protocolVersion: "v0.34", hasSignExtensions: false },
  "0.14": { protocolVersion: "v0.34", hasSignExtensions: true },
  "0.15": { protocolVersion: "v0.38", hasSignExtensions: true },
}

export function isTmkmsVersion(version: string): version is TmkmsVersion {
  return TMKMS_VERSIONS.some((known) => known === version)
}

/** A topology names only known versions: the validator has seen to that. */
export function tmkmsDialect(version: string): TmkmsDialect {
  if (!isTmkmsVersion(version)) throw new Error(`there is no form of tmkms.toml for the version ${version}`)
  return DIALECTS[version]
}
