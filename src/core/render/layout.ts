/** Paths of a deployment, relative to its directory on a host; the rendered tree has the same shape. */
export const layout = {
  compose: "compose.yaml",
  audit: "audit.log",
  runbook: "RUNBOOK.md",
  ports: { markdown: "PORTS.md", json: "ports.json" },
  firewall: { nftables: "firewall/gonka-ha.nft", dockerUser: "firewall/docker-user.sh" },
  /** A load balancer's directory: of an api instance or of a public entry point. */
  haproxy: (kind: "api" | "edge", name: string): string => `haproxy/${kind}-${name}`,
  node: {
    config: (node: string): string => `nodes/${node}/config`,
    home: (node: string): string => `nodes/${node}/home`,
  },
  parking: {
    config: (node: string): string => `nodes/${node}/parking/config`,
    state: (node: string): string => `nodes/${node}/parking/state`,
    control: (node: string): string => `nodes/${node}/parking/control`,
    /** One word: who may hold the node's privval port, `parking` or `validator`. */
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
    /** One number: grows with every operation that may change who signs. */
    epoch: (validator: string): string => `signers/${validator}/control/epoch`,
    /** The operation that is under way or was interrupted. */
    operation: (validator: string): string => `signers/${validator}/control/operation.json`,
    lock: (validator: string): string => `lock/${validator}`,
  },
  secrets: {
    node: (node: string): string => `secrets/nodes/${node}`,
    parking: (node: string): string => `secrets/parking/${node}`,
    signer: (validator: string): string => `secrets/signers/${validator}`,
  },
} as const

/** Where the containers see the directories above. */
export const inside = {
  config: "/gonka-ha/config",
  home: "/gonka-ha/home",
  state: "/gonka-ha/state",
  control: "/gonka-ha/control",
  secrets: "/gonka-ha/secrets",
} as const

/** Ports inside a node's container; the host's ports are the topology's. */
export const insidePort = { p2p: 26656, rpc: 26657, privval: 26658, rest: 1317, grpc: 9090 } as const
