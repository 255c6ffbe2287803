import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { Topology } from "../../src/core/topology.ts"
import { goldenSpecs } from "./golden-specs.ts"
import { goldenTopology } from "./golden-topology.ts"

/** A deployment with every kind of thing in it. */
export const fullTopology: Topology = goldenTopology(readFileSync(join(import.meta.dirname, "rule-base.yaml"), "utf8"))

/** Every shape that there is an example of. */
export const sampleTopologies: readonly { readonly name: string; readonly topology: Topology }[] = [
  { name: "full", topology: fullTopology },
  ...goldenSpecs().map(({ name, texts }) => ({ name, topology: goldenTopology(...texts) })),
]
