import { type Document, isMap, isNode, isScalar, parseDocument, type YAMLMap } from "yaml"
import { yamlText } from "./edit.ts"
import { isPlaceholder } from "./placeholder.ts"
import { at, type Layer, traced } from "./traced.ts"

/** What only the operator knows of a network that no profile describes. */
const UNKNOWN_CHAIN = `chain:
  id: CHANGE-ME
  # Two nodes run by different people: the first start takes the genesis file only if both serve the same one.
  genesis:
    rpc: ["http://192.0.2.1:26657", "http://192.0.2.2:26657"]
  # Nodes of the network that the sentries dial: <node id>@<address>:<port>.
  peers: ["0000000000000000000000000000000000000000@192.0.2.1:26656"]
`

/**
 * Fits a preset to a profile. Presets are written for a network that a profile describes; on any other one the operator has to tell what it
 * is, and its nodes meet on the private addresses.
 */
export function forNetwork(text: string, profile: Layer | undefined): string {
  const document = parseDocument(text)
  const root = document.contents
  if (!profile || !isMap(root)) return text
  const known = traced(profile)
  if (!root.has("chain")) addUnknownChain(root, (path) => at(known, path) !== undefined)
  if (at(known, ["chain", "id"]) === undefined) removePublicPlaceholders(document)
  return yamlText(document)
}

function addUnknownChain(root: YAMLMap, knows: (path: readonly string[]) => boolean): void {
  const fragment = parseDocument(UNKNOWN_CHAIN)
  for (const path of [
    ["chain", "id"],
    ["chain", "genesis", "rpc"],
    ["chain", "peers"],
  ]) {
    const known = knows(path) || (path[1] === "peers" && knows(["chain", "seeds"]))
    if (known) fragment.deleteIn(path.slice(0, 2))
  }
  const chain = fragment.get("chain", true)
  if (!isMap(chain) || chain.items.length === 0) return
  const pair = isMap(fragment.contents) ? fragment.contents.items[0] : undefined
  if (!pair || !isNode(pair.key)) return
  pair.key.spaceBefore = true
  const after = root.items.findIndex((item) => isScalar(item.key) && item.key.value === "profile")
  root.items.splice(after + 1, 0, pair)
}

function removePublicPlaceholders(document: Document): void {
  const hosts = document.get("hosts")
  if (!isMap(hosts)) return
  for (const { value } of hosts.items) {
    if (!isMap(value)) continue
    const address = value.get("public")
    if (typeof address === "string" && isPlaceholder(address)) value.delete("public")
  }
}
