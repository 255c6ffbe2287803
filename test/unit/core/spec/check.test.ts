import { describe, expect, it } from "vitest"
import type { Issue } from "../../../../src/core/issue.ts"
import { checkSpec, fileLayer } from "../../../../src/core/spec/check.ts"
import { parseSource } from "../../../../src/core/spec/document.ts"
import type { Profile } from "../../../../src/core/spec/schema.ts"
import { GOOD_SPEC, goodSpecWith } from "../../../support/good-spec.ts"

const profile: Profile = {
  chain: {
    binary: "simd",
    consensusAddressPrefix: "cosmosvalcons",
    consensusPubkeyPrefix: "cosmosvalconspub",
    blockTime: "1s",
    minimumGasPrices: "0stake",
  },
  versions: { node: "sdk-0.50", tmkms: "0.12" },
}

function issuesOf(text: string, withProfile: Profile = profile): readonly Issue[] {
  const { source, issues } = parseSource("gonka-ha.yaml", text)
  if (!source) return issues
  return checkSpec({ profile: { kind: "profile", name: "test", value: withProfile }, files: [fileLayer("spec", source)] }).issues
}

/** Line and column of a text, counted without the YAML parser. */
function placeOf(text: string, marker: string) {
  const before = text.slice(0, text.indexOf(marker)).split("\n")
  return { file: "gonka-ha.yaml", line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

type Case = {
  readonly name: string
  readonly change: Readonly<Record<string, string>>
  readonly path: string
  readonly message: string
  /** The text at which the issue is to point, looked for in the broken spec. */
  readonly at: string
  readonly severity?: "warning"
  /** Rules that are broken by the same change, and cannot be kept out of it. */
  readonly also?: readonly string[]
}

const PUBKEY = "XfWbGaVKGDe2iJlrVfVFmGTMtqCdnTeVyZPZNUEf0jE="
const SECOND_VALIDATOR = `    signer: { host: sig-1 }
  other:
    candidates: [node-1]
    firstActive: node-1
    pubkey: ${PUBKEY}
    signer: { host: sig-1 }`

const forms: readonly Case[] = [
  {
    name: "unknown key at the top",
    change: { "images:": "imagse: {}\nimages:" },
    path: "imagse",
    message: "is not a known key",
    at: "imagse",
  },
  {
    name: "unknown key of a host",
    change: { "public: 203.0.113.11": "pubic: 203.0.113.11" },
    path: "hosts.sen-1.pubic",
    message: "is not a known key",
    at: "pubic",
  },
  {
    name: "missing value",
    change: { "    firstActive: node-1\n": "" },
    path: "validators.main.firstActive",
    message: "is missing",
    at: "main:",
  },
  { name: "missing version", change: { "apiVersion: gonka-ha/v1\n": "" }, path: "apiVersion", message: "is missing", at: "name: lab" },
  {
    name: "wrong version",
    change: { "gonka-ha/v1": "gonka-ha/v2" },
    path: "apiVersion",
    message: 'is wrong: expected "gonka-ha/v1"',
    at: "apiVersion",
  },
  {
    name: "wrong type",
    change: { "id: lab-1": "id: 7" },
    path: "chain.id",
    message: "is wrong: expected string, received number",
    at: "id: 7",
  },
  {
    name: "a chain id of two lines, which no settings file could hold",
    change: { "id: lab-1": 'id: "lab\\n1"' },
    path: "chain.id",
    message: "must be plain text on one line",
    at: 'id: "lab',
  },
  {
    name: "a bad name",
    change: { "name: lab": "name: Lab" },
    path: "name",
    message: "must be a lower-case name: a letter, then up to 30 letters, digits or dashes",
    at: "name: Lab",
  },
  {
    name: "a bad name of a host",
    change: { "  sig-1: {": "  Sig_1: {" },
    path: "hosts.Sig_1",
    message: "must be a lower-case name: a letter, then up to 30 letters, digits or dashes",
    at: "Sig_1: {",
  },
  {
    name: "a name instead of an address",
    change: { "private: 10.0.0.31": "private: sig-1.example" },
    path: "hosts.sig-1.private",
    message: "must be an IPv4 address (peers are dialled by address, never by name)",
    at: "private: sig-1.example",
  },
  {
    name: "a port that the kernel gives away",
    change: { "node-2: { host: val-2 }": "node-2: { host: val-2, ports: { rpc: 40000 } }" },
    path: "private.node-2.ports.rpc",
    message: "must be below 32768, where the kernel takes ports for outgoing connections",
    at: "rpc: 40000",
  },
  {
    name: "a public key that is none",
    change: { [PUBKEY]: "abc" },
    path: "validators.main.pubkey",
    message: "must be the base64 of a 32-byte Ed25519 public key",
    at: "pubkey: abc",
  },
  {
    name: "a peer without an id",
    change: { "1111111111111111111111111111111111111111@10.1.0.1:26656": "10.1.0.1:26656" },
    path: "chain.peers.0",
    message: "must look like <40 hex digits>@<address>:<port>",
    at: '"10.1.0.1:26656"',
  },
  {
    name: "one source of the genesis",
    change: { ', "http://10.1.0.2:26657"': "" },
    path: "chain.genesis.rpc",
    message: "needs two sources: they must agree",
    at: "rpc: [",
  },
  {
    name: "a duration without a unit",
    change: { "images:\n": "policy: {freshness: 20}\nimages:\n" },
    path: "policy.freshness",
    message: "is wrong: expected string, received number",
    at: "freshness",
  },
]

const meanings: readonly Case[] = [
  {
    name: "hostsAreReachable: neither",
    change: { "{ ssh: root@sig-1, ": "{ " },
    path: "hosts.sig-1",
    message: "says neither ssh nor local: true",
    at: "sig-1: { private",
  },
  {
    name: "hostsAreReachable: both",
    change: { "ssh: root@sig-1": "ssh: root@sig-1, local: true" },
    path: "hosts.sig-1",
    message: "has both ssh and local: true",
    at: "sig-1: { ssh",
  },
  {
    name: "hostsHavePrivateAddresses: none",
    change: { ", private: 10.0.0.31": "" },
    path: "hosts.sig-1",
    message: "has no private address",
    at: "sig-1: { ssh",
  },
  {
    name: "hostsHavePrivateAddresses: twice",
    change: { "private: 10.0.0.22": "private: 10.0.0.21" },
    path: "hosts.val-2.private",
    message: "is also the private address of val-1",
    at: "private: 10.0.0.21 }\n  sig-1",
  },
  {
    name: "privateLinksArePrivate",
    change: { "private: 10.0.0.31": "private: 8.8.8.8" },
    path: "hosts.sig-1.private",
    message: "is a public address: the privval port would be reachable from the internet",
    at: "private: 8.8.8.8",
    severity: "warning",
  },
  {
    name: "hostsExist: a node's",
    change: { "{ host: sen-2 }": "{ host: sen-3 }" },
    path: "sentries.sentry-2.host",
    message: "names the host sen-3, which is not under hosts",
    at: "host: sen-3",
  },
  {
    name: "hostsExist: a word that every JavaScript object answers to",
    change: { "{ host: sen-2 }": "{ host: constructor }" },
    path: "sentries.sentry-2.host",
    message: "names the host constructor, which is not under hosts",
    at: "host: constructor",
  },
  {
    name: "hostsExist: the signer's",
    change: { "signer: { host: sig-1 }": "signer: { host: sig-9 }" },
    path: "validators.main.signer.host",
    message: "names the host sig-9, which is not under hosts",
    at: "host: sig-9",
  },
  {
    name: "namesAreUnique: both pools",
    change: { "  node-2: { host": "  sentry-2: { host", "[node-1, node-2]": "[node-1, sentry-2]" },
    path: "private.sentry-2",
    message: "is also the name of a sentry",
    at: "sentry-2: { host: val-2 }",
  },
  {
    name: "namesAreUnique: a name of ours",
    change: { "sentry-2: {": "main-signer: {" },
    path: "sentries.main-signer",
    message: "ends in -parking, -signer or -balancer, which gonka-ha uses for its own containers",
    at: "main-signer",
  },
  {
    name: "candidatesArePrivateNodes: a sentry",
    change: { "[node-1, node-2]": "[node-1, sentry-2]" },
    path: "validators.main.candidates.1",
    message: "sentry-2 is not a private node",
    at: "sentry-2]",
  },
  {
    name: "candidatesArePrivateNodes: first active",
    change: { "firstActive: node-1": "firstActive: node-3" },
    path: "validators.main.firstActive",
    message: "node-3 is not one of the candidates",
    at: "firstActive",
  },
  {
    name: "candidatesArePrivateNodes: twice",
    change: { "[node-1, node-2]": "[node-1, node-2, node-1]" },
    path: "validators.main.candidates",
    message: "names a node twice",
    at: "candidates",
  },
  {
    name: "consensusKeysAreUnique",
    change: { "    signer: { host: sig-1 }": SECOND_VALIDATOR.replace("[node-1]", "[node-1, node-2]") },
    path: "validators.other.pubkey",
    message: "is the key of validator main too: two signers with one key double sign",
    at: `pubkey: ${PUBKEY}\n    signer: { host: sig-1 }\n\n`,
    also: ["GHA-312", "GHA-314", "GHA-319"],
  },
  {
    name: "signerHasItsOwnHost",
    change: { "signer: { host: sig-1 }": "signer: { host: val-2 }" },
    path: "validators.main.signer.host",
    message: "also carries node-2: losing it loses the signer, and then only a human may decide who signs",
    at: "host: val-2 }\n\n",
    severity: "warning",
    also: ["GHA-107"],
  },
  {
    name: "thereAreTwoOfEach: no sentry",
    change: { "sentries:\n  sentry-1: { host: sen-1 }\n  sentry-2: { host: sen-2 }": "sentries: {}" },
    path: "sentries",
    message: "is empty: private nodes would have no peers",
    at: "sentries",
    also: ["GHA-107"],
  },
  {
    name: "thereAreTwoOfEach: one sentry",
    change: { "  sentry-2: { host: sen-2 }\n": "" },
    path: "sentries",
    message: "has one sentry: losing it cuts every private node off",
    at: "sentries",
    severity: "warning",
    also: ["GHA-107"],
  },
  {
    name: "thereAreTwoOfEach: one candidate",
    change: { "[node-1, node-2]": "[node-1]" },
    path: "validators.main.candidates",
    message: "has one candidate: there is nothing to promote",
    at: "candidates",
    severity: "warning",
  },
  {
    name: "portsAreFree",
    change: { "node-2: { host: val-2 }": "node-2: { host: val-1, ports: { p2p: 1, rpc: 2 } }" },
    path: "private.node-2",
    message: "wants port 26658 of host val-1 for privval, which node-1 (privval) has",
    at: "node-2: { host",
    also: ["GHA-107", "GHA-213"],
  },
  {
    name: "chainIsComplete: nothing to dial",
    change: { '  peers: ["1111111111111111111111111111111111111111@10.1.0.1:26656"]\n': "" },
    path: "chain",
    message: "has neither peers nor seeds: the sentries would find no network",
    at: "chain:",
  },
  {
    name: "genesisSourcesDiffer",
    change: { '"http://10.1.0.2:26657"': '"http://10.1.0.1:26657/"' },
    path: "chain.genesis.rpc.1",
    message: "is named twice: one source cannot confirm itself",
    at: '"http://10.1.0.1:26657/"',
  },
  {
    name: "placeholdersAreReplaced: a word",
    change: { "node: node:1": "node: CHANGE-ME" },
    path: "images.node",
    message: "still holds the placeholder that `gonka-ha init` wrote",
    at: "node: CHANGE-ME",
  },
  {
    name: "placeholdersAreReplaced: an address",
    change: { "ssh: root@sig-1": "ssh: root@192.0.2.31" },
    path: "hosts.sig-1.ssh",
    message: "still holds the placeholder that `gonka-ha init` wrote",
    at: "ssh: root@192.0.2.31",
  },
  {
    name: "freshnessIsPossible",
    change: { "images:\n": "policy: {freshness: 1s}\nimages:\n" },
    path: "policy.freshness",
    message: "is below two block times: a healthy node's newest block is up to two block times old",
    at: "freshness",
  },
]

describe("checkSpec", () => {
  it("finds nothing wrong with a good spec", () => {
    expect(issuesOf(GOOD_SPEC)).toEqual([])
  })

  it.each([...forms, ...meanings])("$name", ({ change, path, message, at, severity = "error", also = [] }) => {
    const text = `${goodSpecWith(change)}\n`
    const issues = issuesOf(text)
    expect(issues.filter(({ rule = "" }) => !also.includes(rule))).toMatchObject([{ severity, path, message, place: placeOf(text, at) }])
    expect(issues.map(({ rule }) => rule)).toEqual(expect.arrayContaining([...also]))
    for (const issue of issues)
      expect(issue).toMatchObject({ rule: expect.stringMatching(/^GHA-\d{3}$/), why: expect.any(String), fix: expect.any(String) })
  })

  it("gives the place in lines and columns from 1", () => {
    expect(issuesOf(goodSpecWith({ "public: 203.0.113.11": "pubic: 203.0.113.11" }))[0]?.place).toEqual({
      file: "gonka-ha.yaml",
      line: 13,
      column: 49,
    })
  })

  it("wants everything that the profile does not give", () => {
    const paths = issuesOf(goodSpecWith({ "  id: lab-1\n": "", "  tmkms: tmkms:1\n": "" }), {}).map((issue) => issue.path)
    expect(paths).toEqual([
      "chain.id",
      "chain.binary",
      "chain.consensusAddressPrefix",
      "chain.consensusPubkeyPrefix",
      "chain.blockTime",
      "versions.node",
      "versions.tmkms",
      "images.tmkms",
      "chain.minimumGasPrices",
    ])
  })

  it("wants the genesis sources and the node image too", () => {
    const text = goodSpecWith({ '  genesis:\n    rpc: ["http://10.1.0.1:26657", "http://10.1.0.2:26657"]\n': "", "  node: node:1\n": "" })
    expect(issuesOf(text).map((issue) => issue.path)).toEqual(["chain.genesis", "images.node"])
  })

  it("reports every problem of form at once", () => {
    const text = goodSpecWith({
      "apiVersion: gonka-ha/v1\n": "",
      "name: lab": "name: Lab",
      "host: sen-2": "hots: sen-2",
      "    firstActive: node-1\n": "",
      [PUBKEY]: "abc",
    })
    expect(issuesOf(text).map((issue) => issue.path)).toEqual(
      expect.arrayContaining(["apiVersion", "name", "sentries.sentry-2.hots", "validators.main.firstActive", "validators.main.pubkey"]),
    )
  })

  it("loses nothing that is written under a name of JavaScript's own", () => {
    const text = goodSpecWith({ "sentries:\n": "sentries:\n  __proto__: { host: sen-1 }\n" })
    expect(issuesOf(text)).toMatchObject([{ rule: "GHA-009", path: "sentries.__proto__", place: placeOf(text, "__proto__") }])
  })

  it("looks at the meaning of the rest when a key is misspelt", () => {
    const text = goodSpecWith({ "public: 203.0.113.11": "pubic: 203.0.113.11", "firstActive: node-1": "firstActive: node-3" })
    expect(issuesOf(text).map((issue) => issue.path)).toEqual(["hosts.sen-1.pubic", "validators.main.firstActive"])
  })

  it("reports every problem of meaning at once", () => {
    const text = goodSpecWith({ ", private: 10.0.0.31": "", "host: sen-2": "host: sen-3", "firstActive: node-1": "firstActive: node-3" })
    expect(issuesOf(text).map((issue) => issue.path)).toEqual(["hosts.sig-1", "sentries.sentry-2.host", "validators.main.firstActive"])
  })
})
