import { type ChainNode, hostOf, type SignerProvider, serviceName, type Topology, type Validator } from "../topology.ts"
import { inside, insidePort } from "./layout.ts"
import { tmkmsDialect } from "./tmkms-versions.ts"
import { tomlText } from "./toml.ts"

const COMMENT = "Written by gonka-ha for the version of tmkms that the topology names; another version may refuse its keys."

const UNTESTED = `${COMMENT}
gonka-ha has never run this provider: it is written after tmkms's documentation.`

/** The configuration with which a validator's signer serves one candidate; there is one file per candidate, and `aim` picks it. */
export function signerConfig(topology: Topology, validator: Validator, candidate: ChainNode): string {
  const addr = `tcp://${hostOf(topology, candidate.host).privateAddress}:${candidate.ports.privval}`
  return config(topology, addr, validator.provider)
}

/** The configuration of the throw-away signer that keeps a standby's privval port answered. */
export function parkingConfig(topology: Topology, node: ChainNode): string {
  return config(topology, `tcp://${serviceName.node(node.name)}:${insidePort.privval}`, { kind: "softsign" })
}

function config(topology: Topology, addr: string, provider: SignerProvider): string {
  const { protocolVersion, hasSignExtensions } = tmkmsDialect(topology.versions.tmkms)
  return tomlText(provider.kind === "softsign" ? COMMENT : UNTESTED, {
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
        ...(hasSignExtensions ? { sign_extensions: false } : {}),
      },
    ],
    validator: [
      {
        chain_id: topology.chain.id,
        addr,
        secret_key: `${inside.secrets}/kms-identity.key`,
        protocol_version: protocolVersion,
        reconnect: true,
      },
    ],
    providers: providerTable(topology.chain.id, provider),
  })
}

function providerTable(chainId: string, provider: SignerProvider): Readonly<Record<string, unknown>> {
  switch (provider.kind) {
    case "softsign":
      return { softsign: [{ chain_ids: [chainId], key_type: "consensus", path: `${inside.secrets}/consensus.key` }] }
    case "ledger":
      return { ledgertm: [{ chain_ids: [chainId] }] }
    case "yubihsm":
      return {
        yubihsm: [
          {
            adapter: provider.adapter.kind === "usb" ? { type: "usb" } : { type: "http", addr: provider.adapter.address },
            auth: { key: provider.authKey, password_file: `${inside.secrets}/yubihsm-password` },
            keys: [{ key: provider.signingKey, chain_ids: [chainId], type: "consensus" }],
            ...(provider.serialNumber === undefined ? {} : { serial_number: provider.serialNumber }),
          },
        ],
      }
  }
}
