import { parse, stringify } from "smol-toml"
import { z } from "zod"
import { inside, layout } from "../../src/core/render/layout.ts"
import { shellQuote } from "../../src/core/shell-quote.ts"
import { type ChainNode, nodeOf } from "../../src/core/topology.ts"
import type { InstalledGolden } from "./installed-golden.ts"
import type { Trial } from "./trials.ts"

/** Where the tree of a golden topology lies for the program that is tried. */
const TREE = "/golden"

const pathsOf = (golden: InstalledGolden, isWanted: (path: string) => boolean) => [...golden.files.keys()].filter(isWanted)
const at = (path: string) => shellQuote(`${TREE}/${path}`)

/** Compose reads every host's file, and has nothing to warn of either. */
export function composeTrials(golden: InstalledGolden): readonly Trial[] {
  return pathsOf(golden, (path) => path.endsWith(`/${layout.compose}`)).map((path) => ({
    what: `docker compose config of ${path}`,
    script: `docker compose -f ${at(path)} config -q`,
  }))
}

export function haproxyTrials(golden: InstalledGolden): readonly Trial[] {
  return pathsOf(golden, (path) => path.endsWith("/haproxy.cfg")).map((path) => ({
    what: `haproxy -c of ${path}`,
    // Some versions say that all is well, and some say nothing.
    script: `said=$(haproxy -c -f ${at(path)} 2>&1) || { echo "$said"; exit 1; }; [ "$said" = "Configuration file is valid" ] || printf '%s' "$said"`,
  }))
}

export function shellTrials(golden: InstalledGolden): readonly Trial[] {
  return pathsOf(golden, (path) => path.endsWith(".sh")).map((path) => ({ what: `sh -n of ${path}`, script: `sh -n ${at(path)}` }))
}

/** These run on this machine, so the tree lies where it lies. */
export function firewallTrials(golden: InstalledGolden): readonly Trial[] {
  return pathsOf(golden, (path) => path.endsWith(layout.firewall.nftables)).map((path) => ({
    what: `nft -c of ${path}`,
    script: `nft -c -f ${shellQuote(`${golden.dir}/${path}`)}`,
  }))
}

/** The node's program reads a file of a node and prints it as JSON. */
export function viewTrial(node: ChainNode, file: "config" | "app"): Trial {
  const config = `${node.host}/${layout.node.config(node.name)}`
  const home = `/tmp/${node.name}`
  return {
    what: `simd config view ${file} of ${node.name}`,
    script: `mkdir -p ${home}/config; cp ${at(`${config}/config.toml`)} ${at(`${config}/app.toml`)} ${home}/config
simd config view ${file} --home ${home} --output-format json`,
  }
}

export function nodeIdTrial(node: ChainNode): Trial {
  const home = `/tmp/id-${node.name}`
  return {
    what: `simd comet show-node-id of ${node.name}`,
    script: `mkdir -p ${home}/config; cp ${at(`${node.host}/${layout.secrets.node(node.name)}/node_key.json`)} ${home}/config
simd comet show-node-id --home ${home}`,
  }
}

/** A tmkms.toml with the secrets that it is for, and the node that it must dial. */
type Kms = {
  readonly config: string
  readonly secrets: string
  readonly addr: string
  readonly provider: "softsign" | "yubihsm" | "ledger"
}

function kmsOf({ topology }: InstalledGolden): readonly Kms[] {
  const parking = topology.nodes
    .filter((node) => node.candidateOf.length > 0)
    .map(
      (node): Kms => ({
        config: `${node.host}/${layout.parking.config(node.name)}/tmkms.toml`,
        secrets: `${node.host}/${layout.secrets.parking(node.name)}`,
        addr: `tcp://${node.name}:26658`,
        provider: "softsign",
      }),
    )
  const signers = topology.validators.flatMap(({ name, signerHost, candidates, provider }) =>
    candidates.map((candidate): Kms => {
      const { host, ports } = nodeOf(topology, candidate)
      const address = topology.hosts.find((one) => one.name === host)?.privateAddress
      return {
        config: `${signerHost}/${layout.signer.config(name)}/tmkms-${candidate}.toml`,
        secrets: `${signerHost}/${layout.secrets.signer(name)}`,
        addr: `tcp://${address}:${ports.privval}`,
        provider: provider.kind,
      }
    }),
  )
  return [...parking, ...signers]
}

/** How long a tmkms may take to say a line, in tenths of a second; it takes a few milliseconds. */
const PATIENCE = 600

/** tmkms reads its configuration and its keys, makes its state, and dials; there is no node, and so it says whom it could not reach. */
function startKms(golden: InstalledGolden, { config, secrets, addr }: Kms, prepare: string): string {
  const { id, consensusPubkeyPrefix } = golden.topology.chain
  const lines = ["KMS node ID: ", `added consensus Ed25519 key: ${consensusPubkeyPrefix}1`, `[${id}@${addr}] I/O error`]
  return `rm -rf ${inside.config} ${inside.secrets} ${inside.state}
mkdir -p ${inside.config} ${inside.state}
cp ${at(config)} ${inside.config}/tmkms.toml
[ ! -e ${at(secrets)} ] || cp -r ${at(secrets)} ${inside.secrets}
${prepare}
: >/tmp/log
tmkms start -c ${inside.config}/tmkms.toml >/tmp/log 2>&1 &
pid=$!
tries=0
until grep -qF '] I/O error' /tmp/log || ! kill -0 $pid 2>/dev/null || [ $tries -ge ${PATIENCE} ]; do
  sleep 0.1
  tries=$((tries + 1))
done
kill -KILL $pid 2>/dev/null || true
for line in ${lines.map(shellQuote).join(" ")}; do
  grep -qF "$line" /tmp/log || { echo "it does not say: $line"; cat /tmp/log; exit 1; }
done
[ -s ${inside.state}/priv_validator_state.json ] || { echo "it has made no state"; exit 1; }`
}

/** Every configuration whose provider this build of tmkms has. */
export function kmsTrials(golden: InstalledGolden): readonly Trial[] {
  return kmsOf(golden)
    .filter(({ provider }) => provider === "softsign")
    .map((kms) => ({ what: `tmkms start on ${kms.config}`, script: startKms(golden, kms, "") }))
}

/** Configurations for a device: as they are, and with a softsign key in the device's place. */
export function deviceTrials(golden: InstalledGolden): readonly { readonly asRendered: Trial; readonly withSoftsign: Trial }[] {
  const { id } = golden.topology.chain
  return kmsOf(golden)
    .filter(({ provider }) => provider !== "softsign")
    .map((kms) => {
      const rendered = z.record(z.string(), z.unknown()).parse(parse(golden.files.get(kms.config) ?? ""))
      const path = `${inside.secrets}/consensus.key`
      const other = stringify({ ...rendered, providers: { softsign: [{ chain_ids: [id], key_type: "consensus", path }] } })
      const prepare = `printf '%s' ${shellQuote(other)} >${inside.config}/tmkms.toml; mkdir -p ${inside.secrets}
tmkms softsign keygen -t consensus ${path} >/dev/null
tmkms softsign keygen ${inside.secrets}/kms-identity.key >/dev/null`
      return {
        asRendered: { what: `tmkms start on ${kms.config}`, script: startKms(golden, kms, "") },
        withSoftsign: { what: `tmkms start on ${kms.config} with a softsign key`, script: startKms(golden, kms, prepare) },
      }
    })
}
