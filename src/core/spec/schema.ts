// As a namespace: a bundle then holds the used half of zod and not its messages in fifty languages.
import * as z from "zod"

/**
 * The written form of a topology file: what people may write, with a description of every key. Nothing is filled in here; defaults live
 * in `built-in.ts` and in the profiles. The JSON Schema and the pages in docs/spec are made from this file.
 */

/** Names appear in container names, directories and commands, so they stay short and plain. */
const name = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, "must be a lower-case name: a letter, then up to 30 letters, digits or dashes")
const ipv4 = z.ipv4("must be an IPv4 address (peers are dialled by address, never by name)")
/** Above it the kernel takes ports for outgoing connections. */
export const MAX_PORT = 32_767
const port = z.number().int().min(1).max(MAX_PORT, "must be below 32768, where the kernel takes ports for outgoing connections")
const rpcUrl = z.string().regex(/^https?:\/\/[^\s/]+(:\d+)?(\/\S*)?$/, "must be an http(s) URL of a node's RPC")
const peer = z.string().regex(/^[0-9a-f]{40}@[^\s:@]+:\d+$/, "must look like <40 hex digits>@<address>:<port>")
const pubkey = z.string().regex(/^[A-Za-z0-9+/]{43}=$/, "must be the base64 of a 32-byte Ed25519 public key")
const duration = z.string().regex(/^\d+(ms|s|m|h)$/, "must be a duration such as 20s or 5m")
const blocks = z.number().int().min(0)
const label = z.string().min(1).max(60)
const image = z.string().min(1)

const chain = z
  .strictObject({
    id: z
      .string()
      .max(50)
      .regex(/^[\x20-\x7e]+$/, "must be plain text on one line")
      .optional()
      .describe("Chain id; the genesis file must carry the same one."),
    binary: z
      .string()
      .regex(/^[A-Za-z0-9._-]+$/, "must be the name of a program, without a path")
      .optional()
      .describe("Name of the node's program inside the image."),
    consensusAddressPrefix: z
      .string()
      .regex(/^[a-z]+$/, "must be lower-case letters")
      .optional()
      .describe("Bech32 prefix of consensus addresses."),
    consensusPubkeyPrefix: z
      .string()
      .regex(/^[a-z]+$/, "must be lower-case letters")
      .optional()
      .describe("Bech32 prefix of consensus public keys."),
    blockTime: duration.optional().describe("Usual time between two blocks."),
    minimumGasPrices: z.string().optional().describe("Lowest price at which a node takes a transaction into its mempool, such as 0ngonka."),
    genesis: z
      .strictObject({
        rpc: z
          .array(rpcUrl)
          .min(2, "needs two sources: they must agree")
          .optional()
          .describe("RPC servers of different people; the first start takes the genesis file only when two of them serve the same one."),
        sha256: z
          .string()
          .regex(/^[0-9a-f]{64}$/, "must be 64 lower-case hex digits")
          .optional()
          .describe("Digest of the genesis file with sorted keys, as the first start prints it; from then on nothing else is accepted."),
      })
      .optional()
      .describe("Where the genesis file comes from."),
    stateSync: z
      .strictObject({
        rpc: z
          .array(rpcUrl)
          .min(2, "needs two sources: they must agree")
          .optional()
          .describe("RPC servers that tell the trusted block; two of them must agree. The genesis servers where nothing is said."),
        trustBlocks: blocks.min(1).optional().describe("How far below the tip the trusted block lies."),
        trustPeriod: duration.optional().describe("How long a trusted block stays trusted; shorter than the unbonding time."),
      })
      .optional()
      .describe("How a node without data finds a block to trust."),
    peers: z.array(peer).optional().describe("Nodes of the network that every sentry keeps connected."),
    seeds: z.array(peer).optional().describe("Nodes that tell the sentries about others."),
    epochBlocks: blocks.optional().describe("Blocks of an epoch: how far back Gonka's api may ask for a state."),
    slashing: z
      .strictObject({
        windowBlocks: blocks.min(1).optional().describe("Blocks over which missed signatures are counted."),
        minSignedPercent: z.number().min(0).max(100).optional().describe("Share of the window that has to be signed."),
      })
      .optional()
      .describe("Used before a node answers; the chain's live values win."),
  })
  .describe("The network.")

const versions = z
  .strictObject({
    node: z
      .string()
      .min(1)
      .optional()
      .describe("Which table of node settings is written; `gonka-ha check-image` compares it with the image."),
    tmkms: z
      .string()
      .min(1)
      .optional()
      .describe("Version of tmkms in the signer's image; unknown keys stop it, so its file is written for this version."),
  })
  .describe("Versions whose configuration files are written.")

const images = z
  .strictObject({
    node: image.optional().describe("Image of the chain node."),
    tmkms: image.optional().describe("Image of the signer."),
    haproxy: image.optional().describe("Image of the load balancer; needed where `api` or `edge` is used."),
  })
  .describe("Container images, best by digest: name@sha256:…; a tag may mean something else tomorrow.")

const policy = z
  .strictObject({
    freshness: duration
      .optional()
      .describe("A node whose newest block is older is stale. Not given: the larger of 20 s and three block times."),
    maxLagBlocks: blocks.optional().describe("A fresh node is at most this many blocks behind the best one seen."),
    jailReserveBlocks: blocks
      .optional()
      .describe("Missed blocks that must remain in the slashing window after an operation's expected cost."),
    failover: z
      .enum(["manual", "automatic"])
      .optional()
      .describe("Who decides when an active node is lost: manual, a person; automatic is refused for now."),
    standby: z
      .enum(["hot", "plain"])
      .optional()
      .describe(
        "How a standby waits: hot, with its signing port answered, so that it takes over without a restart; plain, without a signing port, like any full node, and restarted with one before it takes over.",
      ),
  })
  .describe("Limits for judging nodes and for moving a validator.")

const ports = z
  .strictObject({
    p2p: port.optional().describe("Peer to peer; on the private address, for sentries on every address."),
    rpc: port.optional().describe("CometBFT's RPC; always on loopback, on the private address where another machine reads it."),
    rest: port.optional().describe("REST; only on nodes that an api or an entry point reads."),
    grpc: port.optional().describe("gRPC; only on nodes that an api or an entry point reads."),
    privval: port.optional().describe("Where the signer connects; on the private address, only on candidates."),
  })
  .describe("Ports on the host.")

const resources = z
  .strictObject({
    memory: z
      .string()
      .regex(/^\d+(\.\d+)?[mg]$/, "must be a size such as 512m or 16g")
      .optional()
      .describe("Largest amount of memory, such as 16g."),
    cpus: z.number().min(0.01).optional().describe("Largest number of processors; not more than the host has."),
  })
  .describe("Limits of a container; what is not given is not limited.")

type TomlPatch = { [key: string]: string | number | boolean | string[] | TomlPatch }
const tomlPatch: z.ZodType<TomlPatch> = z.lazy(() =>
  z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string()), tomlPatch])),
)

const nodeSettings = {
  public: z
    .strictObject({
      p2p: port.optional().describe("Port that the network dials, when it is not `ports.p2p`."),
      rpc: z.boolean().optional().describe("Whether entry points may send RPC requests of users here."),
      rest: z.boolean().optional().describe("Whether entry points may send REST requests of users here."),
      grpc: z.boolean().optional().describe("Whether entry points may send gRPC requests of users here."),
    })
    .optional()
    .describe("What the world may use; sentries only."),
  snapshots: z
    .union([
      z.boolean(),
      z.strictObject({
        interval: blocks.min(1).optional().describe("Blocks between two snapshots."),
        keep: z.number().int().min(1).optional().describe("Snapshots that are kept."),
      }),
    ])
    .optional()
    .describe("State-sync snapshots: true, false, or how; sentries only."),
  bootstrap: z
    .enum(["genesis", "network", "sentries"])
    .optional()
    .describe(
      "Where a node without data begins: at the first block, at a snapshot of the network, or at one of the deployment's own sentries'.",
    ),
  pruning: z
    .strictObject({
      keepStates: blocks.optional().describe("Application states that are kept, counted back from the newest."),
      interval: blocks.min(10, "must be at least 10, which the SDK demands").optional().describe("Blocks between two rounds of pruning."),
      keepBlocks: blocks.optional().describe("Blocks that are kept with their results; 0 keeps all."),
    })
    .optional()
    .describe("What the node keeps of the past."),
  indexer: z.enum(["kv", "null"]).optional().describe("Index of transactions. Not given: kv where an api or users read, else null."),
  ports: ports.optional(),
  resources: resources.optional(),
  config: tomlPatch.optional().describe("Settings for config.toml above those of the role; keys as CometBFT has them."),
  app: tomlPatch.optional().describe("Settings for app.toml above those of the role; keys as the SDK has them."),
}

const pool = z.strictObject(nodeSettings)

const node = z.strictObject({
  host: name.optional().describe("The host that the node runs on; needed, unless it is a group."),
  count: z
    .number()
    .int()
    .min(1)
    .max(100)
    .optional()
    .describe("Shorthand for several alike nodes: NAME-1, NAME-2, …, dealt out over `hosts`."),
  hosts: z
    .array(name)
    .min(1)
    .optional()
    .describe("With `count`: the hosts, in order; a host that comes round again gets ports 100 higher."),
  ...nodeSettings,
})

const host = z.strictObject({
  ssh: z
    .string()
    .min(1)
    .optional()
    .describe("What you would give to `ssh`; an alias of your ssh config is fine. Needed, unless `local` is set."),
  local: z.literal(true).optional().describe("This machine, without SSH."),
  sudo: z
    .literal(true)
    .optional()
    .describe("Everything there is done through `sudo -n`, for a user who is not root and whom sudo asks no password."),
  private: ipv4.optional().describe("The address that the deployment's own hosts use among themselves; needed."),
  public: ipv4.optional().describe("The address that the network sees, when it differs."),
  provider: label.optional().describe("Who runs the machine: the largest failure domain."),
  site: label.optional().describe("Data centre or region at the provider."),
  rack: label.optional().describe("Rack, power feed or virtualisation host at the site."),
})

const secretRef = z
  .strictObject({
    file: z.string().min(1).optional().describe("A file on the operator's machine; relative to this one."),
    env: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "must be the name of an environment variable")
      .optional()
      .describe("An environment variable."),
    command: z.string().min(1).optional().describe("A command whose output is the secret, such as a password manager's."),
  })
  .describe("Where a secret comes from; exactly one of the three. The secret itself never stands in a topology file.")

const candidate = z.strictObject({
  priority: z.number().int().min(0).max(1000).optional().describe("The highest is preferred; 100 where nothing is said."),
  nofailover: z.boolean().optional().describe("Only a person may choose it."),
})

const validator = z.strictObject({
  candidates: z
    .union([z.array(name).min(1, "needs at least one candidate"), z.record(name, candidate)])
    .describe("Private nodes that may sign: a list, the preferred one first, or a map with priorities."),
  firstActive: name.describe("Used once, when this key has never signed here. Afterwards `gonka-ha promote` decides."),
  pubkey: pubkey.describe("The consensus public key; the signer does not start with any other."),
  signer: z
    .strictObject({
      host: name.describe("The one host that holds the consensus key; best one that runs no candidate."),
      replaces: z
        .array(name)
        .min(1, "needs at least one host, or leave it out")
        .optional()
        .describe(
          "Lost hosts that this validator's signer was on before, the first one first; `gonka-ha signer replace` carries it out. They stay here and under hosts for ever: their signers are fenced on every contact, and the privval port of each candidate is one higher for each of them.",
        ),
      provider: z
        .enum(["softsign", "yubihsm", "ledger"])
        .optional()
        .describe("What holds the key. Only softsign has been run by gonka-ha's tests."),
      key: secretRef.optional().describe("Where the softsign key comes from, when it is not in .gonka-ha/secrets."),
      yubihsm: z
        .strictObject({
          adapter: z.enum(["usb", "http"]).optional().describe("How tmkms reaches the device."),
          address: z.string().optional().describe("With adapter http: tcp://ADDRESS:PORT of the connector."),
          authKey: z.number().int().min(1).optional().describe("Object id of the authentication key."),
          signingKey: z.number().int().min(1).optional().describe("Object id of the consensus key."),
          serialNumber: z.string().optional().describe("Ten digits, when several devices are plugged in."),
          password: secretRef.optional().describe("Password of the authentication key."),
        })
        .optional()
        .describe("With provider yubihsm."),
      resources: resources.optional(),
    })
    .describe("The signer: one process, one key, one state file."),
})

const api = z.strictObject({
  host: name.describe("Where this api instance runs."),
  role: z.enum(["manager", "public"]).describe("manager drives MLNodes and PoC and exists once; public answers users."),
  upstreams: z
    .array(name)
    .min(1)
    .optional()
    .describe("Private nodes that it reads, the preferred one first. Not given: all of them, those that do not sign first."),
  ports: z
    .strictObject({
      rpc: port.optional().describe("Where it offers the RPC of its nodes."),
      rest: port.optional().describe("Where it offers the REST of its nodes."),
      grpc: port.optional().describe("Where it offers the gRPC of its nodes."),
    })
    .optional()
    .describe("Ports on the host's private address; not given: only containers in its network reach the load balancer."),
})

const edge = z.strictObject({
  host: name.describe("Where the entry point runs."),
  port: port.optional().describe("HTTP port for users: /chain-rpc/ and /chain-api/."),
  grpcPort: port.optional().describe("Port for gRPC of users; not given: none."),
  sentries: z.array(name).min(1).optional().describe("Sentries behind it. Not given: all that expose anything."),
  requestsPer10s: z.number().int().min(1).optional().describe("Requests that one client address may make in ten seconds."),
  websocket: z
    .boolean()
    .optional()
    .describe("Whether users may open a websocket and subscribe to events; what they send through it is neither checked nor limited."),
})

/** What may be set both by a profile and by a spec; a spec's value wins (maps merge, everything else is replaced). */
const shared = {
  chain: chain.optional(),
  versions: versions.optional(),
  images: images.optional(),
  policy: policy.optional(),
  pools: z
    .strictObject({
      sentries: pool.optional().describe("Settings of every sentry."),
      private: pool.optional().describe("Settings of every private node."),
    })
    .optional()
    .describe("Settings of all nodes of a pool; a node's own settings win."),
}

export const profileSchema = z.strictObject(shared)

export const specSchema = z.strictObject({
  apiVersion: z.literal("gonka-ha/v1").describe("Version of this language."),
  name: name.describe("Name of the deployment: part of container names and of the directory on each host."),
  profile: name.describe("Defaults of a network: gonka-mainnet, gonka-testnet or devnet. What stands in the file wins."),
  ssh: z
    .strictObject({ config: z.string().min(1).optional().describe("An ssh configuration file to use instead of your own.") })
    .optional()
    .describe("How hosts are reached."),
  ...shared,
  hosts: z.record(name, host).describe("Machines with Docker."),
  sentries: z.record(name, node).describe("The only nodes that the network sees."),
  private: z.record(name, node).describe("Nodes that know the sentries and each other; one of them is each validator's active node."),
  validators: z.record(name, validator).describe("Consensus keys, each with its signer and the private nodes that may serve it."),
  api: z.record(name, api).optional().describe("Instances of Gonka's api and the nodes that they read."),
  edge: z.record(name, edge).optional().describe("Public entry points for users' queries."),
  compose: z
    .record(z.string(), z.record(z.string(), z.unknown()))
    .optional()
    .describe(
      "Compose settings above gonka-ha's, by service: NODE, NODE-parking, VALIDATOR-signer, API-balancer, EDGE-balancer. A `$` stands for itself.",
    ),
  suppress: z
    .array(
      z.strictObject({
        rule: z
          .string()
          .regex(/^GHA-\d{3}$/, "must be a rule such as GHA-301")
          .describe("Rule whose warning is accepted."),
        path: z.string().optional().describe("Only at this path and below it."),
        reason: z
          .string()
          .min(10, "must say why, in at least ten characters")
          .describe("Why it is right here; it is printed with the rule."),
      }),
    )
    .optional()
    .describe("Warnings that are accepted, each with its reason; errors cannot be."),
})

export type Spec = z.output<typeof specSchema>
export type Profile = z.output<typeof profileSchema>
export type NodeSettings = z.output<typeof node>
