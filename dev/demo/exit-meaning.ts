import { EXIT } from "../../src/core/errors.ts"

const MEANING: ReadonlyMap<number, string> = new Map([
  [EXIT.ok, "all is well"],
  [EXIT.degraded, "degraded: it signs, or nothing was seen missing yet, but something needs care"],
  [EXIT.critical, "critical: the validator does not sign, or it is unclear who signs"],
])

export function exitMeaning(code: number): string {
  return MEANING.get(code) ?? "see gonka-ha --help"
}
