import { PORT_STRIDE } from "./built-in.ts"
import { at, merged, type Traced, withEntry } from "./traced.ts"

const POOLS = ["sentries", "private"] as const

/**
 * Takes the shorthands out of a spec: every node stands for itself, with its pool's settings under its own. What comes out is a spec again,
 * in the same language. A node of a group points to the place where the group is written.
 */
export function expanded(root: Traced): Traced {
  const withNodes = POOLS.reduce((spec, pool) => withEntry(spec, pool, expandedPool(spec, pool)), root)
  return withEntry(withNodes, "pools", undefined)
}

function expandedPool(root: Traced, pool: (typeof POOLS)[number]): Traced | undefined {
  const nodes = at(root, [pool])
  if (nodes?.kind !== "map") return nodes
  const common = at(root, ["pools", pool])
  const entries = new Map<string, Traced>()
  for (const [written, node] of nodes.entries) {
    for (const { name, own, portOffset } of instancesOf(written, node)) {
      // Two ways to one name: the node that is written out stays, and a rule reports the clash.
      if (name !== written && nodes.entries.has(name)) continue
      entries.set(name, withPortsMoved(own.kind === "map" ? merged(common, own) : own, portOffset))
    }
  }
  return { ...nodes, entries }
}

type Instance = { readonly name: string; readonly own: Traced; readonly portOffset: number }

/** The nodes that a written entry stands for: itself, or its numbered copies. */
function instancesOf(name: string, node: Traced): readonly Instance[] {
  const count = at(node, ["count"])
  const hosts = at(node, ["hosts"])
  if (count?.kind !== "leaf" || typeof count.value !== "number") return [{ name, own: node, portOffset: 0 }]
  const list = hosts?.kind === "leaf" && Array.isArray(hosts.value) ? hosts.value.map(String) : []
  const alike = withEntry(withEntry(node, "count", undefined), "hosts", undefined)
  return Array.from({ length: count.value }, (_, index) => {
    const host = list[index % Math.max(1, list.length)]
    const origin = hosts?.origin ?? node.origin
    return {
      name: `${name}-${index + 1}`,
      own: host === undefined ? alike : withEntry(alike, "host", { kind: "leaf", value: host, origin }),
      portOffset: list.length === 0 ? 0 : Math.floor(index / list.length) * PORT_STRIDE,
    }
  })
}

/** Nodes of one group on one host cannot share ports. */
function withPortsMoved(node: Traced, by: number): Traced {
  if (by === 0) return node
  return (["ports", "public"] as const).reduce((now, key) => {
    const map = at(now, [key])
    if (map?.kind !== "map") return now
    const entries = [...map.entries].map(
      ([name, item]) =>
        [name, item.kind === "leaf" && typeof item.value === "number" ? { ...item, value: item.value + by } : item] as const,
    )
    return withEntry(now, key, { ...map, entries: new Map(entries) })
  }, node)
}
