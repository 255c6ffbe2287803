import type { Spec } from "../spec/schema.ts"
import type { Shape, ShapeNode } from "../spec/shape.ts"
import { GROUP_KINDS, type Group, type GroupKind, type HostBox, type Item } from "./model.ts"

type Placed = Item & { readonly host: string | undefined }

/** Every host with what runs on it. */
export function hostBoxes(spec: Spec, shape: Shape): readonly HostBox[] {
  const placed = placedItems(shape)
  const hosts = Object.entries(spec.hosts).sort(([a], [b]) => byNumber.compare(a, b))
  return hosts.map(([name, host]) => ({
    id: idOf("host", name),
    name,
    lines: hostLines(host),
    groups: GROUP_KINDS.flatMap((kind): Group[] => {
      const here = placed[kind].filter((item) => item.host === name)
      const items = here.map(({ id, name, note }) => ({ id, name, note })).sort((a, b) => byNumber.compare(a.name, b.name))
      return items.length === 0 ? [] : [{ id: idOf(`${kind}_on`, name), kind, items }]
    }),
  }))
}

/** node-2 comes before node-10. */
const byNumber = new Intl.Collator("en", { numeric: true })

/** Names hold letters, digits and dashes only, so that this stays one to one. */
export function idOf(kind: string, name: string): string {
  return `${kind}_${name.replaceAll("-", "_")}`
}

function placedItems({ nodes, validators, apis, edges }: Shape): Readonly<Record<GroupKind, readonly Placed[]>> {
  const ofPool = (pool: ShapeNode["pool"]) =>
    nodes
      .filter((node) => node.pool === pool)
      .map((node) => ({ id: idOf("node", node.name), name: node.name, note: nodeNote(node), host: node.host }))
  return {
    edges: edges.map(({ name, host, port, grpcPort }) => {
      const note = grpcPort === undefined ? `port ${port}` : `ports ${port}, gRPC ${grpcPort}`
      return { id: idOf("edge", name), name, note, host }
    }),
    sentries: ofPool("sentries"),
    private: ofPool("private"),
    apis: apis.map(({ name, role, host }) => ({ id: idOf("api", name), name, note: `${role} instance`, host })),
    signers: validators.map(({ name, written: { signer } }) => ({
      id: idOf("signer", name),
      name,
      note: signer.provider ?? "softsign",
      host: signer.host,
    })),
  }
}

function nodeNote({ pool, publicServices, candidateOf }: ShapeNode): string {
  switch (pool) {
    case "sentries":
      return publicServices.length === 0 ? "p2p only" : `public ${publicServices.join(", ")}`
    case "private":
      return candidateOf.length === 0 ? "never signs" : `candidate of ${candidateOf.join(", ")}`
  }
}

/** A place in one line where it is short, since a long line makes a wide box. */
function hostLines({ private: privateAddress, public: publicAddress, provider, site, rack }: Spec["hosts"][string]): readonly string[] {
  const addresses = [privateAddress, publicAddress].filter((address) => address !== undefined)
  const places = [provider, site, rack].filter((place) => place !== undefined)
  const line = places.join(" / ")
  return [...(addresses.length === 0 ? [] : [addresses.join(", ")]), ...(line.length <= SHORT ? [line] : places).filter(Boolean)].map(
    oneLine,
  )
}

const SHORT = 32

/** Free text of a file may hold line breaks and control characters, which no picture can show. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, " ").trim()
}
