import { type Judged, unclear } from "./check.ts"

/** Compares `20.10.24+dfsg1` or `v2.20.3-desktop.1` with a version of three numbers; what follows the numbers does not count. */
export function isAtLeast(
  version: string,
  least: string,
  say: { readonly old: (measured: string) => Judged; readonly new: (measured: string) => Judged },
): Judged {
  const [found, wanted] = [numbersOf(version), numbersOf(least)]
  if (!found || !wanted) return unclear(`the version ${version} cannot be read`)
  const index = wanted.findIndex((number, place) => number !== found[place])
  return (index === -1 ? 0 : (found[index] ?? 0) - (wanted[index] ?? 0)) < 0 ? say.old(version) : say.new(version)
}

function numbersOf(version: string): readonly number[] | undefined {
  const [, major, minor, patch = "0"] = /^v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(version) ?? []
  return major === undefined ? undefined : [major, minor, patch].map(Number)
}
