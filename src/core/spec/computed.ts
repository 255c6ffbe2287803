import { durationMs } from "../duration.ts"
import { QUERY_SERVICES } from "../topology.ts"
import { DEFAULT_PRIORITY, EDGE_DEFAULTS, SNAPSHOT_DEFAULTS } from "./built-in.ts"
import { freshnessByDefaultMs } from "./freshness.ts"
import type { Spec } from "./schema.ts"
import { type Shape, shapeOf } from "./shape.ts"
import type { Layer } from "./traced.ts"

/** Built-in values of things that are there only when somebody writes them, such as an entry point. */
export function builtInOf(spec: Spec): Layer {
  const value = {
    sentries: snapshotDefaults(spec.sentries),
    private: snapshotDefaults(spec.private),
    validators: mapped(spec.validators, ({ candidates, signer }) => ({
      ...(Array.isArray(candidates) ? {} : { candidates: mapped(candidates, () => ({ priority: DEFAULT_PRIORITY, nofailover: false })) }),
      signer: { provider: "softsign", ...(signer.provider === "yubihsm" ? { yubihsm: { adapter: "usb" } } : {}) },
    })),
    edge: mapped(spec.edge ?? {}, () => EDGE_DEFAULTS),
  }
  return { kind: "built in", name: "built in", value }
}

/** What follows from the rest where nobody has written it; it can be written, too. */
export function computedFrom(spec: Spec): Layer {
  const shape = shapeOf(spec)
  const { blockTime, genesis } = spec.chain ?? {}
  const value = {
    chain: genesis?.rpc === undefined ? {} : { stateSync: { rpc: genesis.rpc } },
    policy: blockTime === undefined ? {} : { freshness: durationOf(freshnessByDefaultMs(durationMs(blockTime))) },
    sentries: nodesOf(shape, "sentries"),
    private: nodesOf(shape, "private"),
    api: Object.fromEntries(shape.apis.map(({ name, upstreams }) => [name, upstreams.length === 0 ? {} : { upstreams }])),
    edge: Object.fromEntries(
      shape.edges.map(({ name, sentries }) => {
        const behind = [...new Set(QUERY_SERVICES.flatMap((service) => sentries[service]))].sort()
        return [name, behind.length === 0 ? {} : { sentries: behind }]
      }),
    ),
  }
  return { kind: "computed", name: "computed", value }
}

function nodesOf({ nodes }: Shape, pool: "sentries" | "private") {
  return Object.fromEntries(
    nodes
      .filter((node) => node.pool === pool)
      .map(({ name, ports, indexer }) => [name, { indexer, ...(pool === "sentries" ? { public: { p2p: ports.p2p } } : {}) }]),
  )
}

function snapshotDefaults(nodes: Spec["sentries"]) {
  return mapped(nodes, ({ snapshots }) =>
    snapshots === undefined || snapshots === false
      ? {}
      : { snapshots: { interval: SNAPSHOT_DEFAULTS.intervalBlocks, keep: SNAPSHOT_DEFAULTS.keep } },
  )
}

function mapped<T, U>(map: Readonly<Record<string, T>>, change: (item: T) => U): Readonly<Record<string, U>> {
  return Object.fromEntries(Object.entries(map).map(([name, item]) => [name, change(item)]))
}

/** As the language writes durations. */
function durationOf(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`
}
