import { type HostSeen, type Observed, seen, unknown } from "../../src/core/observe/state.ts"
import type { Topology } from "../../src/core/topology.ts"
import { goldenTopology } from "./golden-topology.ts"
import { goodSpecWith } from "./good-spec.ts"
import { aTopology, changed, healthy, node, owner, seenSlashing, TIP, unparked } from "./observed.ts"

/** The good spec after its signer's host was lost and another one named. */
export const REPLACED_SPEC = goodSpecWith({
  "  sig-1: { ssh: root@sig-1, private: 10.0.0.31 }":
    "  sig-1: { ssh: root@sig-1, private: 10.0.0.31 }\n  sig-2: { ssh: root@sig-2, private: 10.0.0.32 }",
  "signer: { host: sig-1 }": "signer: { host: sig-2, replaces: [sig-1] }",
})

const replaced = goldenTopology(REPLACED_SPEC)

export function replacedTopology(changes?: Partial<Topology>): Topology {
  return changes ? { ...replaced, ...changes } : replaced
}

/** A host with Docker and nothing of ours on it. */
export function emptyHost(): HostSeen {
  const like = healthy(aTopology()).hosts.get("sig-1")
  if (like?.kind !== "seen") throw new Error("sig-1 is not seen")
  return { ...like.value, files: new Map(), containers: [], owners: new Map(), signers: new Map(), places: [], tmkms: [] }
}

/** sig-1 is away with its signer, node-1 stands still without it, node-2 is parked, and sig-2 is there and empty. Every node still has its old port. */
export function signerLost(): Observed {
  const before = changed(
    healthy(aTopology()),
    node("node-1", { height: TIP - 20, ageMs: 200_000 }),
    owner("node-1", "val-1", "validator"),
    unparked("node-1", "val-1"),
  )
  return {
    ...before,
    hosts: new Map([...before.hosts, ["sig-1", unknown("host sig-1 cannot be reached: No route to host")], ["sig-2", seen(emptyHost())]]),
    slashing: new Map([
      [
        "main",
        seen(seenSlashing({ recent: Array.from({ length: 10 }, (_, index) => ({ height: TIP - 1 - index, vote: "absent" as const })) })),
      ],
    ]),
  }
}
