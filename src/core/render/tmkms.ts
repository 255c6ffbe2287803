import { type ChainNode, hostOf, serviceName, type Topology } from "../topology.ts"
import { inside, insidePort } from "./layout.ts"
import { tomlText } from "./toml.ts"

const COMMENT =
  "Written by gonka-ha. tmkms refuses unknown keys; protocol v0.34 is right for CometBFT 0.38 and works on tmkms 0.12 to 0.15."

/** The configuration with which a validator's signer serves one candidate; there is one file per candidate, and `aim` picks it. */
export function signerConfig(topology: Topology, candidate: ChainNode): string {
  return config(topology, `tcp://${hostOf(topology, candidate.host).privateAddress}:${candidate.ports.privval}`)
}

/** The configuration of the throw-away signer that keeps a standby's privval port answered. */
export function parkingConfig(topology: Topology, node: ChainNode): string {
  return config(topology, `tcp://${serviceName.node(node.name)}:${insidePort.privval}`)
}

function config(topology: Topology, addr: string): string {
  return tomlText(COMMENT, {
    chain: [
      {
        id: topology.chain.id,
        key_format: {
          type: "bech32",
          account_key_prefix: topology.chain.consensusPubkeyPrefix,
          consensus_key_prefix: topology.chain.consensusPubkeyPrefix,
        },
        // Absolute and on its own volume: a path that changes is a state that is lost.
        state_file: `${inside.state}/priv_validator_state.json`,
      },
    ],
    validator: [
      {
        chain_id: topology.chain.id,
        addr,
        secret_key: `${inside.secrets}/kms-identity.key`,
        protocol_version: "v0.34",
        reconnect: true,
      },
    ],
    providers: { softsign: [{ chain_ids: [topology.chain.id], key_type: "consensus", path: `${inside.secrets}/consensus.key` }] },
  })
}
