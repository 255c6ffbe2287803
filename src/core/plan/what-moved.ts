import { printable } from "../printable.ts"
import { keyOf, type WorldFact } from "./world-facts.ts"

/** Values too long to read: that they differ is all there is to say. */
const ONLY_DIFFERS = new Set(["sha256", "id", "digest", "key sha256"])

const NOUN: Readonly<Record<WorldFact["kind"], string>> = {
  host: "the host",
  file: "file",
  container: "container",
  owner: "the owner of the signing port of",
  start: "the record of the last start of",
  port: "the signing port of",
  signer: "the signer's records of",
  place: "the signer's place of",
  tmkms: "tmkms process",
  signs: "who signs",
}

/** What moved between two looks, one sentence for each thing; empty when everything that matters is as it was. */
export function whatMoved(
  before: readonly WorldFact[],
  now: readonly WorldFact[],
): readonly { readonly at: string; readonly what: string }[] {
  const [old, fresh] = [new Map(before.map((fact) => [keyOf(fact), fact])), new Map(now.map((fact) => [keyOf(fact), fact]))]
  // A host that answers no more has lost everything that was seen on it; that alone is the news.
  const silent = new Set([...before, ...now].filter(({ kind, value }) => kind === "host" && value.answers === "no").map(({ at }) => at))
  return [...new Set([...old.keys(), ...fresh.keys()])].sort().flatMap((key) => {
    const [was, is] = [old.get(key), fresh.get(key)]
    const fact = is ?? was
    if (!fact || (fact.kind !== "host" && fact.kind !== "signs" && silent.has(fact.at))) return []
    const what = moved(fact, was, is)
    return what === undefined ? [] : [{ at: fact.at, what: printable(what) }]
  })
}

function moved(fact: WorldFact, was: WorldFact | undefined, is: WorldFact | undefined): string | undefined {
  const noun = nounOf(fact)
  if (!was) return `${noun} is new`
  if (!is) return `${noun} is gone`
  const names = [...new Set([...Object.keys(was.value), ...Object.keys(is.value)])].sort()
  const changes = names.filter((name) => was.value[name] !== is.value[name])
  if (changes.length === 0) return undefined
  if (fact.kind === "host") return is.value.answers === "yes" ? "the host answers again" : "the host does not answer any more"
  if (fact.kind === "container" && changes.includes("id")) return `${noun} was made anew${inBrackets(was, is, changes)}`
  return `${noun} changed${inBrackets(was, is, changes)}`
}

function inBrackets(was: WorldFact, is: WorldFact, changes: readonly string[]): string {
  const told = changes
    .filter((name) => !ONLY_DIFFERS.has(name))
    .map((name) => `${name} ${was.value[name] ?? "none"} -> ${is.value[name] ?? "none"}`)
  const digest = changes.includes("digest") ? ["its configuration differs"] : []
  const all = [...digest, ...told]
  return all.length === 0 ? "" : ` (${all.join(", ")})`
}

function nounOf({ kind, name }: WorldFact): string {
  return kind === "host" || kind === "signs" ? NOUN[kind] : `${NOUN[kind]} ${name}`
}
