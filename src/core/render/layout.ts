import type { Topology, Validator } from "../topology.ts"

/** Paths of a deployment, relative to its directory on a host; the rendered tree has the same shape. */
export const layout = {
  compose: "compose.yaml",
  audit: "audit.log",
  /** Complete sets of rendered files that were installed on this host, the last ones; never a secret, a state or who signs. */
  previous: ".previous",
  runbook: "RUNBOOK.md",
  ports: { markdown: "PORTS.md", json: "ports.json" },
  lock: {
    /** The lock of whoever changes files and containers of this host, with its owner and epoch; no validator can be called so. */
    host: "lock/.host",
    epoch: "lock/.host/epoch",
    /** Its presence keeps every command from changing this host; its text says who wants that, since when and why. */
    kept: "lock/.kept",
  },
  firewall: { nftables: "firewall/gonka-ha.nft", dockerUser: "firewall/docker-user.sh" },
  /** A load balancer's directory: of an api instance or of a public entry point. */
  haproxy: (kind: "api" | "edge", name: string): string => `haproxy/${kind}-${name}`,
  node: {
    config: (node: string): string => `nodes/${node}/config`,
    home: (node: string): string => `nodes/${node}/home`,
    /** Chain data that is being copied, until the node is started on it. */
    incoming: (node: string): string => `nodes/${node}/home/incoming`,
    /** Chain data that a resync has replaced, one directory for each. */
    setAside: (node: string): string => `nodes/${node}/home/set-aside`,
    /** One word, of a node that may be a plain standby: how it was last started, `plain` without a privval port or `port` with one. */
    started: (node: string): string => `nodes/${node}/home/started`,
  },
  parking: {
    config: (node: string): string => `nodes/${node}/parking/config`,
    state: (node: string): string => `nodes/${node}/parking/state`,
    control: (node: string): string => `nodes/${node}/parking/control`,
    /** One word: who may hold the node's privval port, `parking` or `validator`; `plain` when it is to have none. */
    owner: (node: string): string => `nodes/${node}/parking/control/owner`,
  },
  signer: {
    config: (validator: string): string => `signers/${validator}/config`,
    state: (validator: string): string => `signers/${validator}/state`,
    stateFile: (validator: string): string => `signers/${validator}/state/priv_validator_state.json`,
    control: (validator: string): string => `signers/${validator}/control`,
    /** One word: the candidate that the signer dials. */
    aim: (validator: string): string => `signers/${validator}/control/aim`,
    /** One number: the lowest height at which the state file is believed; only ever raised. */
    floor: (validator: string): string => `signers/${validator}/control/floor`,
    /** Its presence keeps the signer from starting; its text says why. */
    fence: (validator: string): string => `signers/${validator}/control/fence`,
    /** `HEIGHT SECONDS`: the newest block, and when its host's clock said so; written before a start, and not needed for one. */
    tip: (validator: string): string => `signers/${validator}/control/tip`,
    /** One number: grows with every operation that may change who signs. */
    epoch: (validator: string): string => `signers/${validator}/control/epoch`,
    /** The operation that is under way or was interrupted. */
    operation: (validator: string): string => `signers/${validator}/control/operation.json`,
    lock: (validator: string): string => `lock/${validator}`,
    /** The second copy of every operation's journal, one file each. */
    journal: (validator: string): string => `signers/${validator}/control/journal`,
    /** The second copy of the receipts of this validator's moves. */
    receipts: (validator: string): string => `signers/${validator}/receipts`,
  },
  secrets: {
    node: (node: string): string => `secrets/nodes/${node}`,
    parking: (node: string): string => `secrets/parking/${node}`,
    signer: (validator: string): string => `secrets/signers/${validator}`,
  },
} as const

/**
 * Marks of a key on its signer's host: `fence`, `floor`, and the lock of the one process that may sign with it. They lie outside of every
 * deployment and go by chain and key, so a directory that comes back from a backup, or a second one, cannot have forgotten them.
 */
export const MARKS_DIR = "/var/lib/gonka-ha"

export function signerMarks(topology: Pick<Topology, "chain">, validator: Pick<Validator, "address">): string {
  return `${MARKS_DIR}/${marksName(topology, validator)}`
}

/** The name of its directory below `MARKS_DIR`; a chain may be called anything, a directory may not. */
export function marksName({ chain }: Pick<Topology, "chain">, { address }: Pick<Validator, "address">): string {
  return `${chain.id.replaceAll(/[^A-Za-z0-9._-]/g, "_")}-${address}`
}

/** Where the containers see the directories above. */
export const inside = {
  config: "/gonka-ha/config",
  home: "/gonka-ha/home",
  state: "/gonka-ha/state",
  control: "/gonka-ha/control",
  secrets: "/gonka-ha/secrets",
  marks: "/gonka-ha/marks",
} as const

/** Ports inside a node's container; the host's ports are the topology's. */
export const insidePort = { p2p: 26656, rpc: 26657, privval: 26658, rest: 1317, grpc: 9090 } as const
