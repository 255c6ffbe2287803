import { networkInterfaces } from "node:os"
import { docker } from "./docker.ts"
import type { LabIdentity } from "./lab-identity.ts"
import { labelArgs } from "./lab-identity.ts"

/** The lab's own network; `prefix` is the first three numbers of its /24. */
export type LabNetwork = { readonly name: string; readonly prefix: string }

const SUBNETS = 256

/** Tries subnets until the engine accepts one: the engine knows every other network of its own, labs included. */
export async function createLabNetwork(identity: LabIdentity): Promise<LabNetwork> {
  const name = `gonka-ha-lab-${identity.id}`
  const first = Math.floor(Math.random() * SUBNETS)
  for (let step = 0; step < SUBNETS; step++) {
    const prefix = `10.213.${(first + step) % SUBNETS}`
    if (isUsedHere(prefix)) continue
    try {
      await docker(["network", "create", ...labelArgs(identity), "--subnet", `${prefix}.0/24`, "--gateway", `${prefix}.1`, name])
      return { name, prefix }
    } catch (cause) {
      if (!(cause instanceof Error) || !/overlap|conflict/i.test(cause.message)) throw cause
    }
  }
  throw new Error("no free subnet for a lab in 10.213.0.0/16")
}

function isUsedHere(prefix: string): boolean {
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address.startsWith(`${prefix}.`)))
}
