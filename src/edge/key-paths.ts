import { join } from "node:path"

/** Where the keys of a deployment lie on the operator's machine, below its state directory. */
export function keyPaths(stateDir: string) {
  const root = join(stateDir, "secrets")
  return {
    root,
    nodeKey: (node: string) => join(root, "nodes", node, "node_key.json"),
    parkingKey: (node: string) => join(root, "parking", node, "consensus.key"),
    parkingConnection: (node: string) => join(root, "parking", node, "kms-identity.key"),
    consensusKey: (validator: string) => join(root, "validators", validator, "consensus.key"),
    connection: (validator: string) => join(root, "validators", validator, "kms-identity.key"),
    state: (validator: string) => join(root, "validators", validator, "state.json"),
  }
}

export type KeyPaths = ReturnType<typeof keyPaths>
