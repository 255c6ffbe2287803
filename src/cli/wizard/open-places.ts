import type { PreparedInit } from "../../app/init.ts"
import type { Spec } from "../../core/spec/schema.ts"

/** One thing that only the operator knows, and how it is asked for. */
export type OpenPlace = {
  readonly path: readonly string[]
  readonly isList: boolean
  readonly message: string
  readonly hint: string
}

/** Every placeholder of a draft as a question, in the order of the file; a list is asked for as a whole. */
export function openPlaces({ placeholders, spec }: Pick<PreparedInit, "placeholders" | "spec">): readonly OpenPlace[] {
  const places = new Map<string, OpenPlace>()
  for (const { path } of placeholders) {
    const isList = /^\d+$/.test(path.at(-1) ?? "")
    const whole = isList ? path.slice(0, -1) : path
    places.set(whole.join("."), { path: whole, isList, ...wording(whole, spec) })
  }
  return [...places.values()]
}

const WORDING: Readonly<Record<string, Pick<OpenPlace, "message" | "hint">>> = {
  "chain.id": { message: "Chain id", hint: "as the genesis file has it" },
  "chain.genesis.rpc": { message: "Where the genesis file comes from", hint: "two RPC URLs of different people, with a comma between" },
  "chain.peers": { message: "Nodes of the network that the sentries dial", hint: "ID@ADDRESS:PORT, with commas between" },
  "images.node": { message: "Image of the chain node", hint: "NAME@sha256:DIGEST" },
  "images.tmkms": { message: "Image of the signer", hint: "NAME@sha256:DIGEST" },
  "images.haproxy": { message: "Image of the load balancer", hint: "NAME@sha256:DIGEST" },
}

function wording(path: readonly string[], spec: Spec): Pick<OpenPlace, "message" | "hint"> {
  const [section, name = "", setting] = path
  if (section === "hosts") {
    const host = `${name} (${residents(spec, name).join(", ")})`
    if (setting === "ssh") return { message: `${host}: how SSH reaches it`, hint: "USER@ADDRESS, or an alias of your ssh configuration" }
    if (setting === "private") return { message: `${host}: private address`, hint: "the one that your own hosts use among themselves" }
    if (setting === "public") return { message: `${host}: public address`, hint: "the one that the world sees" }
  }
  const dotted = path.join(".")
  return WORDING[dotted] ?? { message: dotted, hint: "" }
}

/** What runs on a host, by the names that the operator reads in the file. */
export function residents(spec: Spec, host: string): readonly string[] {
  const nodes = Object.entries({ ...spec.sentries, ...spec.private, ...spec.api, ...spec.edge })
  const signers = Object.entries(spec.validators).filter(([, { signer }]) => signer.host === host)
  return [...nodes.filter(([, node]) => node.host === host).map(([name]) => name), ...signers.map(([name]) => `signer of ${name}`)]
}
