import { randomInt } from "node:crypto"
import type { Topology } from "../../src/core/topology.ts"

/** A topology whose hosts are addresses of this machine that nobody else uses, so that their real ports can be taken. */
export type LoopbackNetwork = { readonly topology: Topology; readonly address: (lastNumber: number) => string }

export function onLoopback(topology: Topology): LoopbackNetwork {
  const network = `127.${randomInt(1, 250)}.${randomInt(1, 250)}`
  const hosts = topology.hosts.map((host) => ({ ...host, privateAddress: `${network}.${host.privateAddress.split(".").at(-1)}` }))
  return { topology: { ...topology, hosts }, address: (lastNumber) => `${network}.${lastNumber}` }
}
