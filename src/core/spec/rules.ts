import { durationMs } from "../duration.ts"
import { isPlaceholder, PLACEHOLDER_MESSAGE, placeholderPaths } from "./placeholder.ts"
import type { Profile, Spec } from "./schema.ts"

/** What a rule found; the path leads to the place in the file. */
type Finding = {
  readonly severity: "error" | "warning"
  readonly path: readonly string[]
  readonly message: string
  readonly fix: string
}

/** A rule looks at the whole spec and names everything that breaks it. */
export type Rule = (spec: Spec, profile: Profile | undefined) => readonly Finding[]

export const DEFAULT_PORTS = { p2p: 26656, rpc: 26657, privval: 26658 } as const

/** Every node of the spec with its pool, in the order of the file. */
function written(spec: Spec) {
  return [
    ...Object.entries(spec.sentries).map(([name, node]) => ({
      name,
      pool: "sentries" as const,
      host: node.host,
      ports: node.ports,
      publicP2p: node.public?.p2p,
    })),
    ...Object.entries(spec.private).map(([name, node]) => ({
      name,
      pool: "private" as const,
      host: node.host,
      ports: node.ports,
      publicP2p: undefined,
    })),
  ]
}

const error = (path: readonly string[], message: string, fix: string): Finding => ({ severity: "error", path, message, fix })
const warning = (path: readonly string[], message: string, fix: string): Finding => ({ severity: "warning", path, message, fix })

const hostsAreReachable: Rule = (spec) =>
  Object.entries(spec.hosts).flatMap(([name, host]) => {
    const path = ["hosts", name]
    if (host.ssh && host.local)
      return [error(path, "has both ssh and local: true", "keep one: ssh for another machine, local for this one")]
    if (!host.ssh && !host.local)
      return [error(path, "says neither ssh nor local: true", "add `ssh: user@address` or an alias of your ssh config")]
    return []
  })

const hostsHavePrivateAddresses: Rule = (spec) =>
  Object.entries(spec.hosts).flatMap(([name, host]) => {
    if (!host.private) return [error(["hosts", name], "has no private address", "add `private:` with the address its own peers use")]
    const twin = Object.entries(spec.hosts).find(([other, { private: address }]) => other < name && address === host.private)
    return twin ? [error(["hosts", name, "private"], `is also the private address of ${twin[0]}`, "give every host its own address")] : []
  })

const PRIVATE_RANGES = /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|127\.)/

const privateLinksArePrivate: Rule = (spec) =>
  Object.entries(spec.hosts).flatMap(([name, host]) =>
    host.private && !PRIVATE_RANGES.test(host.private) && !isPlaceholder(host.private)
      ? [
          warning(
            ["hosts", name, "private"],
            "is a public address: the privval port would be reachable from the internet",
            "use a private network or an overlay such as WireGuard",
          ),
        ]
      : [],
  )

const hostsExist: Rule = (spec) => {
  const known = Object.keys(spec.hosts).join(", ")
  const missing = (path: readonly string[], host: string) =>
    Object.hasOwn(spec.hosts, host) ? [] : [error(path, `names the host ${host}, which is not under hosts`, `known hosts: ${known}`)]
  return [
    ...written(spec).flatMap((node) => missing([node.pool, node.name, "host"], node.host)),
    ...Object.entries(spec.validators).flatMap(([name, validator]) =>
      missing(["validators", name, "signer", "host"], validator.signer.host),
    ),
  ]
}

const namesAreUnique: Rule = (spec) => [
  ...Object.keys(spec.private)
    .filter((name) => Object.hasOwn(spec.sentries, name))
    .map((name) => error(["private", name], "is also the name of a sentry", "names of nodes are unique in a deployment")),
  ...written(spec)
    .filter(({ name }) => /-(parking|signer)$/.test(name))
    .map(({ name, pool }) =>
      error([pool, name], "ends in -parking or -signer, which gonka-ha uses for its own containers", "choose another name"),
    ),
]

const candidatesArePrivateNodes: Rule = (spec) =>
  Object.entries(spec.validators).flatMap(([name, validator]) => [
    ...validator.candidates.flatMap((candidate, index) =>
      Object.hasOwn(spec.private, candidate)
        ? []
        : [
            error(
              ["validators", name, "candidates", String(index)],
              `${candidate} is not a private node`,
              `known private nodes: ${Object.keys(spec.private).join(", ")}`,
            ),
          ],
    ),
    ...(validator.candidates.includes(validator.firstActive)
      ? []
      : [
          error(
            ["validators", name, "firstActive"],
            `${validator.firstActive} is not one of the candidates`,
            `one of: ${validator.candidates.join(", ")}`,
          ),
        ]),
    ...(new Set(validator.candidates).size === validator.candidates.length
      ? []
      : [error(["validators", name, "candidates"], "names a node twice", "name every candidate once")]),
  ])

const consensusKeysAreUnique: Rule = (spec) => {
  const entries = Object.entries(spec.validators)
  return entries.flatMap(([name, validator], index) => {
    const twin = entries.slice(0, index).find(([, other]) => other.pubkey === validator.pubkey)
    return twin
      ? [
          error(
            ["validators", name, "pubkey"],
            `is the key of validator ${twin[0]} too: two signers with one key double sign`,
            "give every validator its own key",
          ),
        ]
      : []
  })
}

const signerHasItsOwnHost: Rule = (spec) =>
  Object.entries(spec.validators).flatMap(([name, validator]) => {
    const shared = validator.candidates.filter((candidate) => spec.private[candidate]?.host === validator.signer.host)
    return shared.length === 0
      ? []
      : [
          warning(
            ["validators", name, "signer", "host"],
            `also carries ${shared.join(", ")}: losing it loses the signer, and then only a human may decide who signs`,
            "put the signer on a host that runs no candidate",
          ),
        ]
  })

const thereAreTwoOfEach: Rule = (spec) => {
  const sentries = Object.keys(spec.sentries).length
  return [
    ...(sentries === 0 ? [error(["sentries"], "is empty: private nodes would have no peers", "add at least two sentries")] : []),
    ...(sentries === 1
      ? [warning(["sentries"], "has one sentry: losing it cuts every private node off", "add a second sentry on another host")]
      : []),
    ...Object.entries(spec.validators)
      .filter(([, validator]) => validator.candidates.length === 1)
      .map(([name]) =>
        warning(["validators", name, "candidates"], "has one candidate: there is nothing to promote", "add a second private node"),
      ),
  ]
}

const portsAreFree: Rule = (spec) => {
  const taken = new Map<string, string>()
  return written(spec).flatMap((node) => {
    const isCandidate = Object.values(spec.validators).some((validator) => validator.candidates.includes(node.name))
    const wanted = [
      ["p2p", node.publicP2p ?? node.ports?.p2p ?? DEFAULT_PORTS.p2p],
      ["rpc", node.ports?.rpc ?? DEFAULT_PORTS.rpc],
      ...(isCandidate ? [["privval", node.ports?.privval ?? DEFAULT_PORTS.privval]] : []),
    ] as [string, number][]
    return wanted.flatMap(([use, port]) => {
      const seat = `${node.host}:${port}`
      const holder = taken.get(seat)
      if (holder) {
        return [
          error(
            [node.pool, node.name],
            `wants port ${port} of host ${node.host} for ${use}, which ${holder} has`,
            `set \`ports: { ${use}: … }\` to a free port`,
          ),
        ]
      }
      taken.set(seat, `${node.name} (${use})`)
      return []
    })
  })
}

/** Settings without a sensible built-in value: the profile or the spec must give them. */
const chainIsComplete: Rule = (spec, profile) => {
  if (!profile) return []
  const chain = { ...profile.chain, ...spec.chain }
  const images = { ...profile.images, ...spec.images }
  const missing = (path: readonly string[], present: unknown, fix: string) =>
    present === undefined ? [error(path, `is given neither here nor by the profile ${spec.profile}`, fix)] : []
  return [
    ...missing(["chain", "id"], chain.id, "add the chain id"),
    ...missing(["chain", "binary"], chain.binary, "add the name of the node binary"),
    ...missing(["chain", "consensusAddressPrefix"], chain.consensusAddressPrefix, "add the bech32 prefix of consensus addresses"),
    ...missing(["chain", "consensusPubkeyPrefix"], chain.consensusPubkeyPrefix, "add the bech32 prefix of consensus public keys"),
    ...missing(["chain", "blockTime"], chain.blockTime, "add the time between blocks, such as 6s"),
    ...missing(["chain", "genesis"], chain.genesis, "add `genesis: { rpc: [url, url] }` with two independent sources"),
    ...missing(["images", "node"], images.node, "add the node image"),
    ...missing(["images", "tmkms"], images.tmkms, "add the tmkms image"),
    ...((chain.peers ?? []).length + (chain.seeds ?? []).length === 0
      ? [error(["chain"], "has neither peers nor seeds: the sentries would find no network", "add `peers` or `seeds`")]
      : []),
  ]
}

/** One server asked twice always agrees with itself. */
const genesisSourcesDiffer: Rule = (spec) => {
  const sources = (spec.chain?.genesis?.rpc ?? []).map((url) => url.replace(/\/+$/, ""))
  return sources.flatMap((source, index) =>
    sources.indexOf(source) < index
      ? [
          error(
            ["chain", "genesis", "rpc", String(index)],
            "is named twice: one source cannot confirm itself",
            "name another node, run by somebody else",
          ),
        ]
      : [],
  )
}

const placeholdersAreReplaced: Rule = (spec) =>
  placeholderPaths(spec).map((path) => error(path, PLACEHOLDER_MESSAGE, "write the real value"))

const freshnessIsPossible: Rule = (spec, profile) => {
  const freshness = spec.policy?.freshness
  const blockTime = spec.chain?.blockTime ?? profile?.chain?.blockTime
  if (!freshness || !blockTime) return []
  return durationMs(freshness) < 2 * durationMs(blockTime)
    ? [
        error(
          ["policy", "freshness"],
          "is below two block times: a healthy node's newest block is up to two block times old",
          `use at least 3 x ${blockTime}`,
        ),
      ]
    : []
}

export const rules: readonly Rule[] = [
  hostsAreReachable,
  hostsHavePrivateAddresses,
  privateLinksArePrivate,
  hostsExist,
  namesAreUnique,
  candidatesArePrivateNodes,
  consensusKeysAreUnique,
  signerHasItsOwnHost,
  thereAreTwoOfEach,
  portsAreFree,
  chainIsComplete,
  genesisSourcesDiffer,
  placeholdersAreReplaced,
  freshnessIsPossible,
]
