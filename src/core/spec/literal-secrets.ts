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

/** The last word of a name, after which it means a secret: `DB_PASSWORD`, `apiKey`, `x-access-key`. */
const SECRET_KEY =
  /(^|[-_.])(mnemonic|seed[-_]?phrase|(private|priv|api|access|secret|encryption)[-_]?key|password|passwd|passphrase|secret|credentials?|token)$/i
const BASE64_KEY = /^[A-Za-z0-9+/]{43}=$|^[A-Za-z0-9+/]{86}==$/
const HEX_KEY = /^(0x)?([0-9a-fA-F]{64}|[0-9a-fA-F]{128})$/
/** Words of BIP-39 have three to eight letters, and phrases twelve to twenty-four words. */
const MNEMONIC = /^([a-z]{3,8}\s+){11,23}[a-z]{3,8}$/
const PEM = /-----BEGIN [A-Z ]*PRIVATE KEY-----/

/** `https://user:password@host`, anywhere in a text. */
const PASSWORD_IN_URL = /[a-z][a-z0-9+.-]*:\/\/([^\s/:@]*:[^\s/@]+)@/gi
/** An entry of a list in Compose's other way to write an environment: `DB_PASSWORD=…`. */
const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_.-]*)=(.*)$/s

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

/** Other issues may repeat what is written, such as the URL of a server; what looks like a secret is struck out of them. */
export function withoutLiteralSecrets(root: Traced, issues: readonly Issue[]): readonly Issue[] {
  const hidden = stringsIn(root, []).flatMap(({ path, value }) => {
    if (secretKind(path, value) === undefined) return []
    return [value, ...[...value.matchAll(PASSWORD_IN_URL)].map(([, login]) => login ?? "")]
  })
  const struck = (text: string) =>
    hidden.reduce((now, secret) => (secret.length < SHORTEST_HIDDEN ? now : now.replaceAll(secret, HIDDEN)), text)
  if (hidden.length === 0) return issues
  return issues.map((issue) => ({
    ...issue,
    message: struck(issue.message),
    ...(issue.fix === undefined ? {} : { fix: struck(issue.fix) }),
  }))
}

const HIDDEN = "[redacted]"

/** A shorter secret protects nothing, and every sentence holds its letters. */
const SHORTEST_HIDDEN = 4

function secretKind(path: readonly string[], value: string): string | undefined {
  if (value.match(PASSWORD_IN_URL) !== null) return "a URL with a password"
  const dotted = path.join(".")
  if (PUBLIC.some((pattern) => pattern.test(dotted))) return undefined
  const [, name, assigned] = isListItem(path) ? (ASSIGNMENT.exec(value) ?? []) : []
  return name !== undefined && assigned !== undefined ? kindOf(name, assigned) : kindOf(path.at(-1) ?? "", value)
}

function kindOf(key: string, value: string): string | undefined {
  const text = value.trim()
  if (PEM.test(text)) return "a private key"
  if (MNEMONIC.test(text)) return "a mnemonic"
  if (BASE64_KEY.test(text) || HEX_KEY.test(text)) return "a private key"
  return SECRET_KEY.test(key) && text !== "" ? "a secret" : undefined
}

function isListItem(path: readonly string[]): boolean {
  return /^\d+$/.test(path.at(-1) ?? "")
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
