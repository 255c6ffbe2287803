/** What the loss of a failure domain can stop, the worst first. */
const STOP_KINDS = ["signing-for-good", "signing-until-signer-replace", "signing-until-promote", "api", "public-rpc"] as const
export type StopKind = (typeof STOP_KINDS)[number]
export type Verdict = StopKind | "nothing"

export type Stop = {
  readonly kind: StopKind
  /** The validators, api instances or public services that stop. */
  readonly affects: readonly string[]
  /** Why, and what brings it back, in one sentence. */
  readonly reason: string
}

/** How bad a verdict is; 0 is the worst. */
export function rankOf(verdict: Verdict): number {
  return verdict === "nothing" ? STOP_KINDS.length : STOP_KINDS.indexOf(verdict)
}

export function worstOf(verdicts: readonly Verdict[]): Verdict {
  return verdicts.reduce<Verdict>((worst, verdict) => (rankOf(verdict) < rankOf(worst) ? verdict : worst), "nothing")
}
