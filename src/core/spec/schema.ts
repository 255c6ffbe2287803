import { z } from "zod"

/** Names appear in container names, directories and commands, so they stay short and plain. */
const name = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, "must be a lower-case name: a letter, then up to 30 letters, digits or dashes")
const ipv4 = z.ipv4("must be an IPv4 address (peers are dialled by address, never by name)")
const port = z.number().int().min(1).max(32767, "must be below 32768, where the kernel takes ports for outgoing connections")
const rpcUrl = z.string().regex(/^https?:\/\/[^\s/]+(:\d+)?(\/\S*)?$/, "must be an http(s) URL of a node's RPC")
const peer = z.string().regex(/^[0-9a-f]{40}@[^\s:@]+:\d+$/, "must look like <40 hex digits>@<address>:<port>")
const pubkey = z.string().regex(/^[A-Za-z0-9+/]{43}=$/, "must be the base64 of a 32-byte Ed25519 public key")
const duration = z.string().regex(/^\d+(ms|s|m|h)$/, "must be a duration such as 20s or 5m")

const chain = z.strictObject({
  id: z.string().min(1).max(50).optional(),
  /** Name of the node binary inside the image. */
  binary: z
    .string()
    .regex(/^[A-Za-z0-9._-]+$/)
    .optional(),
  consensusAddressPrefix: z
    .string()
    .regex(/^[a-z]+$/)
    .optional(),
  consensusPubkeyPrefix: z
    .string()
    .regex(/^[a-z]+$/)
    .optional(),
  blockTime: duration.optional(),
  minimumGasPrices: z.string().optional(),
  genesis: z.strictObject({ rpc: z.array(rpcUrl).min(2, "needs two sources: they must agree") }).optional(),
  peers: z.array(peer).optional(),
  seeds: z.array(peer).optional(),
})

const images = z.strictObject({ node: z.string().min(1).optional(), tmkms: z.string().min(1).optional() })

const policy = z.strictObject({
  /** A node whose newest block is older than this is stale; the default is the larger of 20 s and three block times. */
  freshness: duration.optional(),
  /** A fresh node is at most this many blocks behind the best one seen. */
  maxLagBlocks: z.number().int().min(0).optional(),
  /** Missed blocks that must remain in the slashing window after an operation's expected cost. */
  jailReserveBlocks: z.number().int().min(0).optional(),
})

const ports = z.strictObject({ p2p: port.optional(), rpc: port.optional(), privval: port.optional() })

const host = z.strictObject({
  ssh: z.string().min(1).optional(),
  local: z.literal(true).optional(),
  private: ipv4.optional(),
  public: ipv4.optional(),
})

const sentry = z.strictObject({ host: name, public: z.strictObject({ p2p: port.optional() }).optional(), ports: ports.optional() })
const privateNode = z.strictObject({ host: name, ports: ports.optional() })
const validator = z.strictObject({
  candidates: z.array(name).min(1, "needs at least one candidate"),
  firstActive: name,
  pubkey,
  signer: z.strictObject({ host: name }),
})

/** What may be set both by a profile and by a spec; a spec's value wins (maps merge, everything else is replaced). */
const shared = { chain: chain.optional(), images: images.optional(), policy: policy.optional() }

export const profileSchema = z.strictObject(shared)

/** The written form of a topology: sugar allowed, nothing filled in. Defaults live in `resolve` only. */
export const specSchema = z.strictObject({
  apiVersion: z.literal("gonka-ha/v1"),
  name,
  profile: name,
  ssh: z.strictObject({ config: z.string().min(1).optional() }).optional(),
  ...shared,
  hosts: z.record(name, host),
  sentries: z.record(name, sentry),
  private: z.record(name, privateNode),
  validators: z.record(name, validator),
})

export type Spec = z.output<typeof specSchema>
export type Profile = z.output<typeof profileSchema>
