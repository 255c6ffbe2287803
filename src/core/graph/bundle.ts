import type { End, Group, Hub, Link, LinkKind } from "./model.ts"

export type Wiring = { readonly hubs: readonly Hub[]; readonly links: readonly Link[] }

/** How lines look that belong together. */
export type Pen = Pick<Link, "kind" | "style" | "variant">

/** More lines than this between two sets of things are drawn through a hub. */
export const MOST_LINES = 6

export function pen(kind: LinkKind, style: Link["style"] = "solid", variant = 0): Pen {
  return { kind, style, variant }
}

export function joined(wirings: readonly Wiring[]): Wiring {
  return { hubs: wirings.flatMap(({ hubs }) => hubs), links: wirings.flatMap(({ links }) => links) }
}

/** Every left end with every right end: as lines where they are few, else as one line for each group to a hub in between. */
export function throughHub(look: Pen, hub: Hub, left: readonly End[], right: readonly End[], groups: readonly Group[]): Wiring {
  if (left.length * right.length <= MOST_LINES) {
    return { hubs: [], links: left.flatMap((from) => right.map((to) => ({ ...look, from, to }))) }
  }
  const middle: End = { kind: "hub", id: hub.id }
  const links = [
    ...bundled(groups, left).map((from) => ({ ...look, from, to: middle })),
    ...bundled(groups, right).map((to) => ({ ...look, from: middle, to })),
  ]
  return { hubs: [hub], links }
}

/** Items that are on the picture, in its order. */
export function itemEnds(groups: readonly Group[], wanted: readonly string[]): readonly End[] {
  return groups.flatMap((group) =>
    group.items.filter(({ id }) => wanted.includes(id)).map(({ id }): End => ({ kind: "item", id, group: group.id })),
  )
}

/** The same ends, with a whole group in the place of all of its items. */
export function bundled(groups: readonly Group[], ends: readonly End[]): readonly End[] {
  const wanted = ends.map(({ id }) => id)
  return groups.flatMap((group): readonly End[] => {
    const members = group.items.map(({ id }) => id)
    return members.every((id) => wanted.includes(id)) ? [{ kind: "group", id: group.id, items: members }] : itemEnds([group], wanted)
  })
}

type Reach = { readonly sources: readonly string[]; readonly targets: readonly string[] }

/** Things that reach the same nodes share their lines. */
export function sameTargets(things: readonly { readonly id: string; readonly targets: readonly string[] }[]): readonly Reach[] {
  const sets = new Map<string, Reach>()
  for (const { id, targets } of things) {
    const sorted = [...new Set(targets)].sort()
    const key = sorted.join(" ")
    sets.set(key, { sources: [...(sets.get(key)?.sources ?? []), id], targets: sorted })
  }
  return [...sets.values()]
}
