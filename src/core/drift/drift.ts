/** Where something is not as it is meant to be: rendered against installed, the container's label, installed against running. */
export type DriftForm = "file" | "container" | "process"

/** What one setting is meant to be, and what it was found to be; undefined where it is not set. */
export type SettingDrift = { readonly key: string; readonly meant?: string; readonly found?: string }

export type Drift = {
  readonly host: string
  readonly form: DriftForm
  /** A file's path, or the name of a service. */
  readonly what: string
  readonly reason: string
  readonly settings: readonly SettingDrift[]
  /** What brings it back in order. */
  readonly fix: string
}

/** What could not be compared, and why. */
export type Unseen = { readonly host: string; readonly what: string; readonly reason: string }

export type Compared = { readonly drifts: readonly Drift[]; readonly unseen: readonly Unseen[] }

export function together(parts: readonly Compared[]): Compared {
  return { drifts: parts.flatMap(({ drifts }) => drifts), unseen: parts.flatMap(({ unseen }) => unseen) }
}
