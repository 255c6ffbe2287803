import type { Spec } from "../spec/schema.ts"
import { type Shape, shapeOf } from "../spec/shape.ts"
import { hostBoxes, oneLine } from "./boxes.ts"
import { wiring } from "./links.ts"
import type { Graph } from "./model.ts"

/**
 * The picture of a spec whose keys need not exist. The same spec gives the same picture, however it is written.
 *
 * @param spec expanded: no group and no pool is left in it
 */
export function graphOf(spec: Spec): Graph {
  const shape = shapeOf(spec)
  const hosts = hostBoxes(spec, shape)
  const chain = oneLine(spec.chain?.id ?? "")
  const title = chain === "" ? spec.name : `${spec.name} on ${chain}`
  return { title, hosts, ...wiring(shape, hosts, chain), legend: legendOf(shape) }
}

function legendOf({ validators, apis }: Shape): readonly string[] {
  const colours = validators.length > 1 ? "; each signer has its colour" : ""
  return [
    `signer to node: solid to the first active node, dashed to the other candidates${colours}`,
    ...(apis.length > 0 ? ["api to node: solid to the preferred node, dashed to the others"] : []),
    "not drawn: parking signers, and peers among the sentries and among the private nodes",
  ]
}
