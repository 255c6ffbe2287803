import type { Issue } from "../issue.ts"
import { LITERAL_SECRET } from "./rules/beside.ts"
import { placeIn, type Traced } from "./traced.ts"

/** Settings whose values look like keys and are public: pinned public keys, digests, node ids, images by digest. */
const PUBLIC = [
  /^validators\.[^.]+\.pubkey$/,
  /^chain\.genesis\.sha256$/,
  /^chain\.(peers|seeds)\./,
  /^images\./,
  /^compose\.[^.]+\.image$/,
]

const SECRET_KEY = /(^|[-_.])(mnemonic|seed[-_]?phrase|private[-_]?key|priv[-_]?key|password|passphrase|secret|token)$/i
const BASE64_KEY = /^[A-Za-z0-9+/]{43}=$|^[A-Za-z0-9+/]{86}==$/
const HEX_KEY = /^(0x)?([0-9a-fA-F]{64}|[0-9a-fA-F]{128})$/
/** Words of BIP-39 have three to eight letters, and phrases twelve to twenty-four words. */
const MNEMONIC = /^([a-z]{3,8}\s+){11,23}[a-z]{3,8}$/
const PEM = /-----BEGIN [A-Z ]*PRIVATE KEY-----/

/** Every value that looks like a key, a password or a mnemonic. The value itself is never repeated. */
export function literalSecrets(root: Traced): Issue[] {
  return stringsIn(root, []).flatMap(({ path, value }): Issue[] => {
    const what = secretKind(path, value)
    if (what === undefined) return []
    const place = placeIn(root, path)
    return [
      {
        severity: LITERAL_SECRET.severity,
        rule: LITERAL_SECRET.id,
        path: path.join("."),
        message: `holds what looks like ${what}`,
        why: LITERAL_SECRET.why,
        fix: LITERAL_SECRET.fix,
        ...(place ? { place } : {}),
      },
    ]
  })
}

function secretKind(path: readonly string[], value: string): string | undefined {
  const dotted = path.join(".")
  if (PUBLIC.some((pattern) => pattern.test(dotted))) return undefined
  const text = value.trim()
  if (PEM.test(text)) return "a private key"
  if (MNEMONIC.test(text)) return "a mnemonic"
  if (BASE64_KEY.test(text) || HEX_KEY.test(text)) return "a private key"
  const isReference = ["file", "env", "command"].includes(path.at(-1) ?? "")
  const key = isReference ? "" : (path.at(-1) ?? "")
  return SECRET_KEY.test(key) && text !== "" ? "a secret" : undefined
}

function stringsIn(root: Traced, path: readonly string[]): { path: readonly string[]; value: string }[] {
  if (root.kind === "map") return [...root.entries].flatMap(([key, item]) => stringsIn(item, [...path, key]))
  return stringsOf(root.value, path)
}

function stringsOf(value: unknown, path: readonly string[]): { path: readonly string[]; value: string }[] {
  if (typeof value === "string") return [{ path, value }]
  if (typeof value !== "object" || value === null) return []
  return Object.entries(value).flatMap(([key, item]) => stringsOf(item, [...path, key]))
}
