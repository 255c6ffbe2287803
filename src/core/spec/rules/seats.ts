/** A validator and the nodes that may carry it. One node carries one validator at a time. */
export type Seeker = { readonly name: string; readonly nodes: readonly string[] }

/** Validators that find no node of their own, however the others are placed. */
export function withoutSeat(seekers: readonly Seeker[]): readonly Seeker[] {
  const holders = new Map<string, Seeker>()
  /** Takes a free node, or one whose holder can move to another node. */
  const seat = (seeker: Seeker, tried: Set<string>): boolean =>
    seeker.nodes.some((node) => {
      if (tried.has(node)) return false
      tried.add(node)
      const holder = holders.get(node)
      if (holder !== undefined && !seat(holder, tried)) return false
      holders.set(node, seeker)
      return true
    })
  return seekers.filter((seeker) => !seat(seeker, new Set()))
}

/** Validators that share nodes, directly or through others. */
export function sharingGroups(seekers: readonly Seeker[]): readonly (readonly Seeker[])[] {
  return seekers.reduce<readonly (readonly Seeker[])[]>((groups, seeker) => {
    const isShared = (group: readonly Seeker[]) => group.some(({ nodes }) => nodes.some((node) => seeker.nodes.includes(node)))
    return [...groups.filter((group) => !isShared(group)), [...groups.filter(isShared).flat(), seeker]]
  }, [])
}
