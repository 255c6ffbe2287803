import type { Lab } from "../lab/lab.ts"
import { shell } from "./host-facts.ts"

/** How the active node is lost, and how what was done to it is taken back. */
export type Loss = {
  readonly name: string
  readonly lose: (lab: Lab, node: string, host: string) => Promise<unknown>
  readonly mend: (lab: Lab, node: string, host: string) => Promise<unknown>
}

/** Each of them silences the node for the chain, while its signer lives on. */
export const LOSSES: readonly Loss[] = [
  {
    name: "is killed and stays down",
    lose: (lab, node, host) => shell(lab, host, `docker kill -s KILL demo-${node}`),
    mend: async () => {},
  },
  {
    name: "hangs",
    lose: (lab, node, host) => shell(lab, host, `docker pause demo-${node}`),
    mend: (lab, node, host) => shell(lab, host, `docker unpause demo-${node}`),
  },
  { name: "is cut off from every network", lose: (lab, _, host) => lab.cut(host), mend: (lab, _, host) => lab.heal(host) },
  { name: "loses its host's power", lose: (lab, _, host) => lab.kill(host), mend: (lab, _, host) => lab.powerOn(host) },
]
