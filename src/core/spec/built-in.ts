import type { Layer } from "./traced.ts"

const PORTS = { p2p: 26656, rpc: 26657, rest: 1317, grpc: 9090, privval: 26658 } as const

/** Distance of the ports of a host's next node in a group that was written with `count`. */
export const PORT_STRIDE = 100

/** A healthy node's newest header is one to two block times old, so the floor of the freshness limit is generous (design, section 6). */
export const MIN_FRESHNESS_MS = 20_000

export const DEFAULT_PRIORITY = 100

/** Numbers with which Gonka's hosts run: about 90 minutes between two snapshots (gonka.md 6). */
export const SNAPSHOT_DEFAULTS = { intervalBlocks: 1000, keep: 2 } as const

export const EDGE_DEFAULTS = { port: 8000, requestsPer10s: 200, websocket: false } as const

/** What holds where neither the profile nor the file says anything. A default that is computed from others is not here but in `shape.ts`. */
export const BUILT_IN: Layer = {
  kind: "built in",
  name: "built in",
  value: {
    chain: {
      minimumGasPrices: "",
      stateSync: { trustBlocks: 2000, trustPeriod: "168h" },
      peers: [],
      seeds: [],
      // Numbers of Gonka's genesis and documentation (gonka.md 3.3).
      epochBlocks: 15_391,
      slashing: { windowBlocks: 100, minSignedPercent: 50 },
    },
    policy: { maxLagBlocks: 3, jailReserveBlocks: 10, failover: "manual", standby: "hot" },
    pools: {
      sentries: {
        ports: PORTS,
        public: { rpc: false, rest: false, grpc: false },
        snapshots: false,
        bootstrap: "genesis",
        // Users ask for the newest state; sentries that keep more are the ones that somebody configures.
        pruning: { keepStates: 1000, interval: 100, keepBlocks: 0 },
      },
      private: {
        ports: PORTS,
        bootstrap: "genesis",
        // Gonka's api asks for states up to an epoch back (gonka.md 1.2).
        pruning: { keepStates: 20_000, interval: 512, keepBlocks: 0 },
      },
    },
  },
}
