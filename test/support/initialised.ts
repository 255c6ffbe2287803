import { join } from "node:path"
import { type Initialised, type InitRequest, initDeployment } from "../../src/app/init.ts"
import { localPorts } from "./local-ports.ts"

/** Everything that only the operator knows, for the preset ha-2. */
export const KNOWN_SETTINGS: readonly string[] = [
  "chain.id=lab-1",
  "chain.genesis.rpc=[http://10.1.0.1:26657, http://10.1.0.2:26657]",
  "chain.peers=[1111111111111111111111111111111111111111@10.1.0.1:26656]",
  "images.node=node:1",
  "images.tmkms=tmkms:1",
  ...["sen-1=10.0.0.11", "sen-2=10.0.0.12", "val-1=10.0.0.21", "val-2=10.0.0.22", "sig-1=10.0.0.31"].flatMap((pair) => {
    const [host, address] = pair.split("=")
    return [`hosts.${host}.ssh=root@${address}`, `hosts.${host}.private=${address}`]
  }),
]

/** Runs init in a directory with nothing left to fill in. */
export function initialised(dir: string, request: Partial<InitRequest> = {}): Promise<Initialised> {
  return initDeployment(localPorts, {
    file: join(dir, "gonka-ha.yaml"),
    preset: "ha-2",
    profile: "devnet",
    settings: KNOWN_SETTINGS,
    ...request,
  })
}
