import type { Exposure } from "../exposure/exposure.ts"
import { exposureOf } from "../exposure/exposure-of.ts"
import { valueIn } from "../observe/state.ts"
import { type Host, hostOf, type Topology } from "../topology.ts"
import type { Cell } from "./doctor-report.ts"
import type { DoctorFacts } from "./facts.ts"
import type { Reached } from "./host-probe.ts"

/** One host tries one port of another one. */
export type Trial = {
  readonly from: string
  readonly to: string
  readonly address: string
  /** Our own nodes meet on private addresses; everybody else comes to the public one. */
  readonly side: "private" | "public"
  readonly port: number
  readonly service: Exposure["service"]
  readonly owner: string
  readonly wanted: "open" | "closed"
}

/**
 * Every port of every node and load balancer as every other host should find it.
 *
 * A signing port is never tried: the node takes whoever connects for its signer, and a stranger in its queue would hold up the real one.
 */
export function trialsOf(topology: Topology): readonly Trial[] {
  const tried = exposureOf(topology).filter(({ service }) => service !== "privval")
  const byPlace = new Map<string, Trial>()
  for (const exposure of tried) {
    const host = hostOf(topology, exposure.host)
    for (const from of topology.hosts) {
      if (from.name === host.name) continue
      for (const trial of trialsFrom(from, host, exposure)) {
        const place = `${from.name} ${targetOf(trial)}`
        // RPC stands here twice, on loopback and for the hosts that read it: what one of the two opens is open.
        if (byPlace.get(place)?.wanted !== "open") byPlace.set(place, trial)
      }
    }
  }
  return [...byPlace.values()]
}

function trialsFrom(from: Host, to: Host, exposure: Exposure): readonly Trial[] {
  const { port, service, owner } = exposure
  const trial = { from: from.name, to: to.name, port, service, owner }
  const inside: Trial = { ...trial, address: to.privateAddress, side: "private", wanted: isFor(from, exposure) ? "open" : "closed" }
  if (to.publicAddress === undefined || to.publicAddress === to.privateAddress) return [inside]
  return [inside, { ...trial, address: to.publicAddress, side: "public", wanted: exposure.from.kind === "anyone" ? "open" : "closed" }]
}

function isFor(host: Host, { from }: Exposure): boolean {
  switch (from.kind) {
    case "anyone":
      return true
    case "hosts":
      return from.addresses.some((address) => address.host === host.name)
    case "this host":
      return false
  }
}

export function targetOf({ address, port }: Pick<Trial, "address" | "port">): string {
  return `${address}:${port}`
}

/** What one host is to try, each port once. */
export function targetsFrom(trials: readonly Trial[], host: string): readonly string[] {
  return [...new Set(trials.filter(({ from }) => from === host).map(targetOf))]
}

export type Tried = Trial & { readonly found: Reached }

/** Trials with what came of them; unknown where the trying host was not reached or has no tool for it. */
export function triedOf({ topology, probes }: Pick<DoctorFacts, "topology" | "probes">): readonly Tried[] {
  return trialsOf(topology).map((trial) => ({
    ...trial,
    found: valueIn(probes.get(trial.from))?.reach.get(targetOf(trial)) ?? "unknown",
  }))
}

/** Who tries (rows) whom (columns), in the order of the hosts. */
export type Matrix = { readonly hosts: readonly string[]; readonly rows: readonly (readonly Cell[])[] }

export function matrixOf(facts: Pick<DoctorFacts, "topology" | "probes">): Matrix {
  const byPair = new Map<string, Tried[]>()
  for (const tried of triedOf(facts)) {
    const pair = `${tried.from} ${tried.to}`
    byPair.set(pair, [...(byPair.get(pair) ?? []), tried])
  }
  const hosts = facts.topology.hosts.map(({ name }) => name)
  return { hosts, rows: hosts.map((from) => hosts.map((to) => (from === to ? "self" : cellOf(byPair.get(`${from} ${to}`) ?? [])))) }
}

/** What is open and must not be weighs more than what is closed. */
function cellOf(tried: readonly Tried[]): Cell {
  if (tried.length === 0) return "nothing"
  if (tried.some(({ wanted, found }) => wanted === "closed" && found === "open")) return "open"
  if (tried.some(({ wanted, found }) => wanted === "open" && found === "closed")) return "closed"
  return tried.every(({ found }) => found === "unknown") ? "unknown" : "as wanted"
}
