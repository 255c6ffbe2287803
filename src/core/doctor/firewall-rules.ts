import type { HostFiles } from "../render/fileset.ts"
import { layout } from "../render/layout.ts"
import type { LoadedRules } from "./host-probe.ts"

/** How far what is loaded is from what is rendered; by the one of the two forms that is loaded. */
export type RulesCompared =
  | { readonly kind: "none wanted" }
  | { readonly kind: "none loaded"; readonly wanted: number }
  | { readonly kind: "compared"; readonly wanted: number; readonly missing: number; readonly foreign: number }

/** The rules about ports, in any order: the tools print them in one of their own. */
export function compareRules(host: HostFiles | undefined, loaded: LoadedRules): RulesCompared {
  const wantedNft = rulesIn(host, layout.firewall.nftables, isNftRule)
  if (wantedNft.size === 0) return { kind: "none wanted" }
  const nft = canonical(loaded.nft.filter(isNftRule))
  if (nft.size > 0) return compared(wantedNft, nft)
  const iptables = canonical(loaded.iptables.filter(isIptablesRule))
  if (iptables.size > 0) return compared(rulesIn(host, layout.firewall.dockerUser, isIptablesRule), iptables)
  return { kind: "none loaded", wanted: wantedNft.size }
}

function isNftRule(line: string): boolean {
  return / dport \d+ /.test(line)
}

function isIptablesRule(line: string): boolean {
  return line.startsWith("-A ") && line.includes("--ctorigdstport")
}

function rulesIn(host: HostFiles | undefined, path: string, isRule: (line: string) => boolean): ReadonlySet<string> {
  const text = host?.files.find((file) => file.path === path)?.content ?? ""
  return canonical(
    text
      .split("\n")
      .map((line) => line.trim())
      .filter(isRule),
  )
}

/** Without counts and the mask of a single address, and with the words in one order. */
function canonical(rules: readonly string[]): ReadonlySet<string> {
  return new Set(
    rules.map((rule) =>
      rule
        .replace(/ packets \d+ bytes \d+/, "")
        .replaceAll("/32", "")
        .replaceAll('"', "")
        .split(/\s+/)
        .sort()
        .join(" "),
    ),
  )
}

function compared(wanted: ReadonlySet<string>, loaded: ReadonlySet<string>): RulesCompared {
  return {
    kind: "compared",
    wanted: wanted.size,
    missing: [...wanted].filter((rule) => !loaded.has(rule)).length,
    foreign: [...loaded].filter((rule) => !wanted.has(rule)).length,
  }
}
