import { describe, expect, it } from "vitest"
import { withoutLiteralSecrets } from "../../../../src/core/spec/literal-secrets.ts"
import { type Layer, traced } from "../../../../src/core/spec/traced.ts"
import { checkedExample } from "../../../support/rule-example.ts"

const SEED = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="
const HEX = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
const MNEMONIC = "abandon ability able about above absent absorb abstract absurd abuse access accident"

const inEnvironment = (value: string) => `compose:\n  main-signer:\n    environment: { SETTING: ${JSON.stringify(value)} }\n`

describe("literal secrets", () => {
  it.each([
    { name: "a base64 key", yaml: inEnvironment(SEED), at: "compose.main-signer.environment.SETTING", what: "a private key" },
    { name: "a hex key", yaml: inEnvironment(HEX), at: "compose.main-signer.environment.SETTING", what: "a private key" },
    { name: "a hex key with 0x", yaml: inEnvironment(`0x${HEX}`), at: "compose.main-signer.environment.SETTING", what: "a private key" },
    { name: "a mnemonic", yaml: inEnvironment(MNEMONIC), at: "compose.main-signer.environment.SETTING", what: "a mnemonic" },
    {
      name: "a PEM block",
      yaml: inEnvironment("-----BEGIN OPENSSH PRIVATE KEY-----\nabc"),
      at: "compose.main-signer.environment.SETTING",
      what: "a private key",
    },
    {
      name: "a value under a name that means a secret",
      yaml: "compose:\n  main-signer:\n    environment: { API_TOKEN: hunter2 }\n",
      at: "compose.main-signer.environment.API_TOKEN",
      what: "a secret",
    },
    {
      name: "a key instead of a reference to it",
      yaml: `validators:\n  main:\n    signer: { key: ${SEED} }\n`,
      at: "validators.main.signer.key",
      what: "a private key",
    },
    {
      name: "a key in the place of a file's name",
      yaml: `validators:\n  main:\n    signer: { key: { file: ${SEED} } }\n`,
      at: "validators.main.signer.key.file",
      what: "a private key",
    },
    {
      name: "a password under a key that the language does not know",
      yaml: "validators:\n  main:\n    signer: { password: hunter2 }\n",
      at: "validators.main.signer.password",
      what: "a secret",
    },
    {
      name: "a password in the list form of an environment",
      yaml: "compose:\n  node-1:\n    environment: [GOMEMLIMIT=28GiB, DB_PASSWORD=hunter2]\n",
      at: "compose.node-1.environment.1",
      what: "a secret",
    },
    {
      name: "a key in the list form of an environment",
      yaml: `compose:\n  node-1:\n    environment: ["SETTING=${SEED}"]\n`,
      at: "compose.node-1.environment.0",
      what: "a private key",
    },
    ...["API_KEY", "apiKey", "AWS_SECRET_ACCESS_KEY", "x-access-key", "DB_PASSWD", "GITHUB_CREDENTIALS"].map((key) => ({
      name: `a value under ${key}`,
      yaml: `compose:\n  node-1:\n    environment: { ${key}: hunter2 }\n`,
      at: `compose.node-1.environment.${key}`,
      what: "a secret",
    })),
    {
      name: "the URL of a server",
      yaml: 'chain:\n  genesis:\n    rpc: ["https://anna:hunter2@rpc.one.example/chain-rpc/", "https://rpc.two.example/chain-rpc/"]\n',
      at: "chain.genesis.rpc.0",
      what: "a URL with a password",
    },
    {
      name: "a URL in a command that fetches a key",
      yaml: "validators:\n  main:\n    signer: { key: { command: curl https://anna:hunter2@vault.example/key } }\n",
      at: "validators.main.signer.key.command",
      what: "a URL with a password",
    },
    { name: "a note of the operator's own", yaml: "x-note: { password: hunter2 }\n", at: "x-note.password", what: "a secret" },
  ])("are found in $name, and never repeated", ({ yaml, at, what }) => {
    const { issues } = checkedExample({ yaml })
    expect(issues.filter(({ rule }) => rule === "GHA-901")).toMatchObject([
      { severity: "error", path: at, message: `holds what looks like ${what}` },
    ])
    for (const secret of [SEED, HEX, MNEMONIC, "hunter2"]) expect(JSON.stringify(issues)).not.toContain(secret)
  })

  it.each([
    { name: "a reference", yaml: "validators:\n  main:\n    signer: { key: { file: secrets/consensus.key } }\n" },
    { name: "a pinned digest of the genesis file", yaml: `chain:\n  genesis: { sha256: ${HEX} }\n` },
    { name: "a consensus public key", yaml: `validators:\n  main:\n    pubkey: ${SEED}\n` },
    { name: "an image by digest", yaml: `images:\n  node: example/node@sha256:${HEX}\n` },
    { name: "a name in the list form of an environment", yaml: "compose:\n  node-1:\n    environment: [DB_PASSWORD]\n" },
    { name: "a URL with a port", yaml: inEnvironment("http://10.0.0.1:26657/path@1") },
    { name: "a URL with a user", yaml: inEnvironment("https://anna@rpc.one.example") },
    { name: "a key's public name", yaml: "compose:\n  node-1:\n    environment: { KEY: hunter2, API_KEY_FILE: /run/key, MONKEY: x }\n" },
    { name: "a reason of twelve words", yaml: "x-note: we keep one more sentry here because the site is known for long outages\n" },
  ])("are not seen in $name", ({ yaml }) => {
    expect(checkedExample({ yaml }).issues.filter(({ rule }) => rule === "GHA-901")).toEqual([])
  })

  it("are struck out of what other rules say", () => {
    const layer: Layer = {
      kind: "spec",
      name: "base",
      value: { chain: { rpc: ["https://anna:hunter2@10.0.0.11/"] }, api: { token: "a", password: HEX } },
    }
    const struck = withoutLiteralSecrets(traced(layer), [
      { severity: "error", path: "chain.rpc", message: `is at anna:hunter2@10.0.0.11, and ${HEX} is a word`, fix: `take ${HEX} out` },
    ])
    expect(struck).toEqual([
      { severity: "error", path: "chain.rpc", message: "is at [redacted]@10.0.0.11, and [redacted] is a word", fix: "take [redacted] out" },
    ])
  })
})
