import { createHash } from "node:crypto"
import { toKernel } from "../../../src/core/observe/kernel-address.ts"
import { layout, MARKS_DIR } from "../../../src/core/render/layout.ts"
import type { Topology } from "../../../src/core/topology.ts"
import type { Host } from "./host.ts"

const digests = new Map<string, string>()

export function digestOf(text: string): string {
  const known = digests.get(text)
  if (known !== undefined) return known
  const digest = createHash("sha256").update(text).digest("hex")
  if (digests.size < 5000) digests.set(text, digest)
  return digest
}

/** Files whose digests the probe tells. */
const DIGESTED =
  /^(compose\.yaml$|RUNBOOK\.md$|PORTS\.md$|ports\.json$|firewall\/|haproxy\/|nodes\/[^/]+\/(parking\/)?config\/|signers\/[^/]+\/config\/|secrets\/)/
const FACTS = ["aim", "floor", "fence", "epoch", "operation.json", "move"]
const PARKING_NETWORK = "172.18.0.2:26658"

/** What `templates/probe.sh` prints on this host right now. */
export function probeText(host: Host, topology: Topology, addressOf: (node: string) => string, wallMs: number): string {
  const { dir } = topology
  const { disk } = host
  const rows: (readonly (string | number)[])[] = [
    ["user", 0, "root"],
    ["disk", 100_000_000, 60_000_000],
  ]
  const line = (text: string) => text.replaceAll(/[\n\t]/g, " ").slice(0, 4096)
  for (const [path, text] of disk.below(`${dir}/`)) {
    const relative = path.slice(dir.length + 1)
    if (DIGESTED.test(relative)) rows.push(["file", relative, digestOf(text)])
    const [, node] = /^nodes\/([^/]+)\/parking\/control\/owner$/.exec(relative) ?? []
    if (node !== undefined) rows.push(["owner", node, line(text)])
    const [, validator, fact] = /^signers\/([^/]+)\/control\/([^/]+)$/.exec(relative) ?? []
    if (validator !== undefined && fact !== undefined && FACTS.includes(fact)) rows.push(["signer", validator, fact, line(text)])
    const [, signer] = /^signers\/([^/]+)\/state\/priv_validator_state\.json$/.exec(relative) ?? []
    if (signer !== undefined) rows.push(["signer", signer, "state", line(text)])
  }
  const lockFacts = { epoch: layout.lock.epoch, kept: layout.lock.kept }
  for (const [fact, path] of Object.entries(lockFacts)) {
    const text = disk.read(`${dir}/${path}`)
    if (text !== undefined) rows.push(["lock", fact, line(text)])
  }
  if (host.locks.isHeld(`${dir}/${layout.lock.host}/lock`))
    rows.push(["lock", "held", line(disk.read(`${dir}/${layout.lock.host}/owner`) ?? "")])
  for (const { name } of topology.validators) {
    if (host.locks.isHeld(`${dir}/lock/${name}/lock`))
      rows.push(["signer", name, "locked", line(disk.read(`${dir}/lock/${name}/owner`) ?? "")])
  }
  const root = dir.slice(0, dir.lastIndexOf("/"))
  for (const [path, text] of disk.below(`${root}/`)) {
    const place = path.slice(root.length + 1)
    const [, deployment, validator] = /^([^/]+)\/signers\/([^/]+)\/config\/settings$/.exec(place) ?? []
    if (deployment !== undefined && validator !== undefined)
      rows.push(["pin", deployment, validator, /^pubkey=(.*)$/m.exec(text)?.[1] ?? ""])
    const [, keyOf, keyName] = /^([^/]+)\/secrets\/signers\/([^/]+)\/consensus\.key$/.exec(place) ?? []
    if (keyOf !== undefined && keyName !== undefined) rows.push(["key", keyOf, keyName])
  }
  for (const [path, text] of disk.below(`${MARKS_DIR}/`)) {
    const [, marks, fact] = /^([^/]+)\/(fence|floor)$/.exec(path.slice(MARKS_DIR.length + 1)) ?? []
    if (marks !== undefined && fact !== undefined) rows.push(["mark", marks, fact, line(text)])
  }
  for (const { pid, containerId, config, key, connectedTo } of host.processes) {
    // A parking signer reaches its node inside of the compose network.
    const far = connectedTo === undefined ? "" : toKernel(key.validator === undefined ? PARKING_NETWORK : addressOf(connectedTo.name))
    rows.push(["tmkms", pid, containerId, far, config])
  }
  rows.push(["clock", Math.round(wallMs), 1], ["end"])
  return `${rows.map((row) => row.join("\t")).join("\n")}\n`
}
