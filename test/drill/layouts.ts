/** Where the parts of a deployment lie, and how `gonka-ha init` is told so. */
export type Layout = {
  readonly preset: string
  readonly hosts: readonly string[]
  readonly hostOf: Readonly<Record<string, string>>
  /** The nodes that may sign; the first one does so first. */
  readonly candidates: readonly string[]
  readonly signerHost: string
  /** What the preset does not say by itself; hosts, their addresses and images are told anyway. */
  readonly settings: readonly string[]
  /** Hosts with a load balancer, which need its image; none where nothing is said. */
  readonly balancerHosts?: readonly string[]
  /** Whether the hosts are told as reached over SSH; a trial on one machine says that it is this one. */
  readonly isLocal: boolean
}

export const LAYOUTS = {
  /** Two sentries, two private nodes, a signer: five hosts. */
  "ha-2": {
    preset: "ha-2",
    hosts: ["sen-1", "sen-2", "val-1", "val-2", "sig-1"],
    hostOf: { "sentry-1": "sen-1", "sentry-2": "sen-2", "node-1": "val-1", "node-2": "val-2" },
    candidates: ["node-1", "node-2"],
    signerHost: "sig-1",
    settings: [],
    isLocal: false,
  },
  /** The hosts of ha-2, one for Gonka's api, and a public door beside a sentry. */
  doors: {
    preset: "ha-2",
    hosts: ["sen-1", "sen-2", "val-1", "val-2", "sig-1", "api-1"],
    hostOf: { "sentry-1": "sen-1", "sentry-2": "sen-2", "node-1": "val-1", "node-2": "val-2" },
    candidates: ["node-1", "node-2"],
    signerHost: "sig-1",
    settings: [
      "api.manager.host=api-1",
      "api.manager.role=manager",
      "api.manager.upstreams=[node-2, node-1]",
      "sentries.sentry-1.public.rpc=true",
      "edge.door.host=sen-1",
    ],
    balancerHosts: ["api-1", "sen-1"],
    isLocal: false,
  },
  /** Three sentries, four private nodes, a signer, and a host for Gonka's api: nine hosts. */
  fleet: {
    preset: "ha-2",
    hosts: ["sen-1", "sen-2", "sen-3", "val-1", "val-2", "val-3", "val-4", "sig-1", "api-1"],
    hostOf: {
      "sentry-1": "sen-1",
      "sentry-2": "sen-2",
      "sentry-3": "sen-3",
      "node-1": "val-1",
      "node-2": "val-2",
      "node-3": "val-3",
      "node-4": "val-4",
    },
    candidates: ["node-1", "node-2", "node-3"],
    signerHost: "sig-1",
    settings: [
      "sentries.sentry-3.host=sen-3",
      "private.node-3.host=val-3",
      "private.node-4.host=val-4",
      "validators.main.candidates=[node-1, node-2, node-3]",
      "api.manager.host=api-1",
      "api.manager.role=manager",
      "api.manager.upstreams=[node-4, node-3, node-2, node-1]",
    ],
    balancerHosts: ["api-1"],
    isLocal: false,
  },
  /** The containers of `fleet` on one host. Its files are only rendered: `up` would take the operator's own machine for that host. */
  "one-host": {
    preset: "solo",
    hosts: ["here"],
    hostOf: {
      "sentry-1": "here",
      "sentry-2": "here",
      "sentry-3": "here",
      "node-1": "here",
      "node-2": "here",
      "node-3": "here",
      "node-4": "here",
    },
    candidates: ["node-1", "node-2", "node-3"],
    signerHost: "here",
    settings: ["sentries.sentry.count=3", "private.node.count=4", "validators.main.candidates=[node-1, node-2, node-3]"],
    isLocal: true,
  },
} as const satisfies Readonly<Record<string, Layout>>

export type LayoutName = keyof typeof LAYOUTS
