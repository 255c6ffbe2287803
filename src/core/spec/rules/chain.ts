import { durationMs } from "../../duration.ts"
import { NODE_VERSIONS } from "../../node-keys/versions.ts"
import { TMKMS_VERSIONS } from "../../render/tmkms-versions.ts"
import { PLACEHOLDER_MESSAGE, placeholderPaths } from "../placeholder.ts"
import type { Found, Rule } from "../rule.ts"
import { CHAIN_SOURCES_RULES } from "./chain-sources.ts"
import { fixForUnknown } from "./lookup.ts"

/** The unbonding time of Gonka's networks, which is the SDK's own default. */
const UNBONDING_MS = 21 * 24 * 3_600_000

const specIsComplete: Rule = {
  id: "GHA-401",
  title: "What the profile does not give stands in the file.",
  severity: "error",
  why: "There is no value that would be right for every network.",
  fix: "add it to the file",
  bad: {
    without: ["images.tmkms"],
    yaml: "images:\n  node: example/node@sha256:1111111111111111111111111111111111111111111111111111111111111111\n",
  },
  good: { yaml: "images:\n  tmkms: example/tmkms@sha256:2222222222222222222222222222222222222222222222222222222222222222\n" },
  check({ spec, hasProfile }) {
    // What a profile that cannot be read would give is not missed.
    if (!hasProfile) return []
    const { chain, images, versions } = spec
    const needed: readonly (readonly [path: readonly string[], value: unknown, fix: string])[] = [
      [["chain", "id"], chain?.id, "add the chain id"],
      [["chain", "binary"], chain?.binary, "add the name of the node binary"],
      [["chain", "consensusAddressPrefix"], chain?.consensusAddressPrefix, "add the bech32 prefix of consensus addresses"],
      [["chain", "consensusPubkeyPrefix"], chain?.consensusPubkeyPrefix, "add the bech32 prefix of consensus public keys"],
      [["chain", "blockTime"], chain?.blockTime, "add the time between blocks, such as 6s"],
      [["chain", "genesis"], chain?.genesis?.rpc, "add `genesis: { rpc: [url, url] }` with two independent sources"],
      [["versions", "node"], versions?.node, `add one of: ${NODE_VERSIONS.join(", ")}`],
      [["versions", "tmkms"], versions?.tmkms, `add one of: ${TMKMS_VERSIONS.join(", ")}`],
      [["images", "node"], images?.node, "add the node image"],
      [["images", "tmkms"], images?.tmkms, "add the tmkms image"],
    ]
    return needed.flatMap(([path, value, fix]) =>
      value === undefined ? [{ path, message: `is given neither here nor by the profile ${spec.profile}`, fix }] : [],
    )
  },
}

const placeholdersAreReplaced: Rule = {
  id: "GHA-404",
  title: "No placeholder is left.",
  severity: "error",
  why: "Only you know this value, and nothing works with a made-up one.",
  fix: "write the real value",
  bad: { yaml: "hosts:\n  val-1: { ssh: CHANGE-ME }\n" },
  good: { yaml: "hosts:\n  val-1: { ssh: root@val-1 }\n" },
  check: ({ spec }) => placeholderPaths(spec).map((path) => ({ path, message: PLACEHOLDER_MESSAGE })),
}

const MAINNET = "gonka-mainnet"

/** No block of the main network follows another one faster. */
const FASTEST_MAINNET_MS = 2000

const mainnetIsMeant: Rule = {
  id: "GHA-405",
  title: "The main network has its own profile, and nothing of a trial chain is set with it.",
  severity: "error",
  why: "Half of one network and half of another is none: the node does not join, or joins the wrong one.",
  fix: "remove it, or choose the profile of the network that is meant",
  bad: { yaml: "profile: gonka-mainnet\nchain: { binary: simd, blockTime: 1s }\n" },
  good: { yaml: "profile: gonka-mainnet\nchain: { binary: inferenced, blockTime: 5s }\n" },
  check({ spec, hasProfile }) {
    if (spec.profile !== MAINNET)
      return hasProfile && spec.chain?.id === MAINNET
        ? [{ path: ["profile"], message: `is ${spec.profile}, and the chain is ${MAINNET}`, fix: `write \`profile: ${MAINNET}\`` }]
        : []
    const { id, binary, blockTime, minimumGasPrices } = spec.chain ?? {}
    const found: Found[] = []
    if (id !== undefined && id !== MAINNET)
      found.push({ path: ["chain", "id"], message: `is ${id}, and the profile is that of ${MAINNET}` })
    if (binary === "simd") found.push({ path: ["chain", "binary"], message: "is simd, the program of trial chains" })
    if (blockTime !== undefined && durationMs(blockTime) < FASTEST_MAINNET_MS)
      found.push({ path: ["chain", "blockTime"], message: `is ${blockTime}: no block of the main network comes that fast` })
    if (minimumGasPrices !== undefined && /\dstake\b/.test(minimumGasPrices))
      found.push({ path: ["chain", "minimumGasPrices"], message: "is in stake, the money of trial chains" })
    return found
  },
}

const trustEndsInTime: Rule = {
  id: "GHA-409",
  title: "A block is trusted for less than the unbonding time.",
  severity: "error",
  why: "Validators who have taken their stake away can sign false old blocks without losing anything.",
  fix: "use a third of the unbonding time, 168h",
  bad: { yaml: "chain:\n  stateSync: { trustPeriod: 504h }\n" },
  good: { yaml: "chain:\n  stateSync: { trustPeriod: 168h }\n" },
  check({ spec }) {
    const period = spec.chain?.stateSync?.trustPeriod
    return period !== undefined && durationMs(period) >= UNBONDING_MS
      ? [{ path: ["chain", "stateSync", "trustPeriod"], message: `is ${period}, and stake is free again after 21 days` }]
      : []
  },
}

const versionsAreKnown: Rule = {
  id: "GHA-411",
  title: "The versions are ones that gonka-ha can write files for.",
  severity: "error",
  why: "A configuration for another version starts with settings that nobody chose, or does not start at all.",
  fix: "name a known version; `gonka-ha check-image` tells which one fits a node image",
  bad: { yaml: "versions:\n  node: gonka-0.3\n" },
  good: { yaml: "versions:\n  node: gonka-0.2\n" },
  check: ({ spec }) =>
    (
      [
        ["node", NODE_VERSIONS],
        ["tmkms", TMKMS_VERSIONS],
      ] as const
    ).flatMap(([program, known]) => {
      const version = spec.versions?.[program]
      return version === undefined || known.some((one) => one === version)
        ? []
        : [
            {
              path: ["versions", program],
              message: `${version} is no version of ${program === "node" ? "the node's settings" : "tmkms"} that gonka-ha knows`,
              fix: fixForUnknown("versions", version, known),
            },
          ]
    }),
}

const blocksTakeTime: Rule = {
  id: "GHA-413",
  title: "The time between two blocks is not zero.",
  severity: "error",
  why: "Every limit that is counted in block times would be zero, and every node would look stale.",
  fix: "write the usual time between two blocks, such as 5s",
  bad: { yaml: "profile: gonka-testnet\nchain: { blockTime: 0s }\n" },
  good: { yaml: "profile: gonka-testnet\nchain: { blockTime: 5s }\n" },
  check({ spec }) {
    const blockTime = spec.chain?.blockTime
    return blockTime !== undefined && durationMs(blockTime) === 0 ? [{ path: ["chain", "blockTime"], message: "is zero" }] : []
  },
}

const gasPriceIsGiven: Rule = {
  id: "GHA-414",
  title: "A lowest gas price is set.",
  severity: "error",
  why: "A node refuses to start with an empty price, also where the network charges nothing.",
  fix: "write one, such as 0ngonka",
  bad: { yaml: 'chain: { minimumGasPrices: "" }\n' },
  good: { yaml: "chain: { minimumGasPrices: 0ngonka }\n" },
  check: ({ spec, hasProfile }) =>
    hasProfile && (spec.chain?.minimumGasPrices ?? "").trim() === "" ? [{ path: ["chain", "minimumGasPrices"], message: "is empty" }] : [],
}

export const CHAIN_RULES: readonly Rule[] = [
  specIsComplete,
  ...CHAIN_SOURCES_RULES,
  placeholdersAreReplaced,
  mainnetIsMeant,
  trustEndsInTime,
  versionsAreKnown,
  blocksTakeTime,
  gasPriceIsGiven,
]
