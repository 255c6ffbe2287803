/** What the picture of a deployment is made of, before anything has a place on it. */
export type Graph = {
  readonly title: string
  readonly hosts: readonly HostBox[]
  /** Things that stand for many lines at once, or for the world outside. */
  readonly hubs: readonly Hub[]
  readonly links: readonly Link[]
  /** What the lines mean. */
  readonly legend: readonly string[]
}

export type HostBox = {
  readonly id: string
  readonly name: string
  /** Addresses and places. */
  readonly lines: readonly string[]
  readonly groups: readonly Group[]
}

/** In the order in which they stand on the picture, from the world to the keys. */
export const GROUP_KINDS = ["edges", "sentries", "private", "apis", "signers"] as const
export type GroupKind = (typeof GROUP_KINDS)[number]

/** Things of one kind on one host. */
export type Group = { readonly id: string; readonly kind: GroupKind; readonly items: readonly Item[] }

export type Item = { readonly id: string; readonly name: string; readonly note: string }

export type Hub = {
  readonly id: string
  readonly kind: "network" | "users" | "mesh" | "queries" | "reads"
  readonly lines: readonly string[]
}

export type LinkKind = "network" | "users" | "p2p" | "queries" | "reads" | "privval"

/** An end is an item, a whole group, or a hub; it is found by its id. */
export type End =
  | { readonly kind: "item"; readonly id: string; readonly group: string }
  | { readonly kind: "group"; readonly id: string; readonly items: readonly string[] }
  | { readonly kind: "hub"; readonly id: string }

/** From the world's side to the side of the keys, whoever dials whom. */
export type Link = {
  readonly kind: LinkKind
  readonly from: End
  readonly to: End
  /** Dashed is what waits: a standby of a signer or of an api. */
  readonly style: "solid" | "dashed"
  /** Counts what would be mistaken for each other in one colour: the lines of different signers, or of different sets of readers. */
  readonly variant: number
}

export const GROUP_TITLE: Readonly<Record<GroupKind, string>> = {
  edges: "entry points",
  sentries: "sentries",
  private: "private nodes",
  apis: "api",
  signers: "signers",
}
