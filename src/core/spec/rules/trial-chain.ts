import type { Spec } from "../schema.ts"

/** Networks on which somebody else's money or patience is at stake, also where a topology calls itself a trial. */
const REAL_NETWORK = /^gonka-(mainnet|testnet)(-|$)/

/** Whether this is a chain of one's own for trials, which is spared what only matters where others depend on it. */
export function isTrialChain({ profile, chain }: Pick<Spec, "profile" | "chain">): boolean {
  return profile === "devnet" && !REAL_NETWORK.test(chain?.id ?? "")
}
