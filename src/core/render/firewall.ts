import type { Exposure, ReachingHost } from "../exposure/exposure.ts"
import { exposureOn } from "../exposure/exposure-of.ts"
import type { Topology } from "../topology.ts"
import { layout } from "./layout.ts"

/** Docker's own names for the bridges of its networks: what comes in through them comes from a container of this host. */
const CONTAINER_BRIDGES = { nftables: ["docker0", "br-*"], iptables: ["docker0", "br-+"] } as const

/** Without dashes and capitals, so that every version of nft takes it without quotes. */
export function firewallTable(topology: Topology): string {
  return `gonka_ha_${topology.deployment.replaceAll("-", "_")}`
}

/** An own table with one chain that sees packets before Docker has changed where they go. */
export function nftablesRules(topology: Topology, host: string, open: readonly Exposure[] = exposureOn(topology, host)): string {
  const table = `inet ${firewallTable(topology)}`
  const path = `${topology.dir}/${layout.firewall.nftables}`
  const rules = open.flatMap((exposure) => nftablesOf(exposure))
  return `#!/usr/sbin/nft -f
# Written by gonka-ha for ${host} of ${topology.deployment}: who may reach the ports of this deployment. Nothing here is applied by itself.
#   try      nft -c -f ${path}
#   apply    nft -f ${path}     (again after every change and every reboot; or include it in /etc/nftables.conf)
#   check    nft list table ${table}     (the counters say what was dropped)
#   remove   nft delete table ${table}
# Only connections to the ports below are dropped; SSH and everything else of this host is left as it is.
${BYPASS.map((line) => `# ${line}\n`).join("")}
add table ${table}
delete table ${table}
table ${table} {
    chain ports {
        type filter hook prerouting priority dstnat - 1; policy accept;
        # The host talking to itself, and answers to what the host began.
        iifname "lo" return
        ct direction reply return
${rules.map((line) => `        ${line}\n`).join("")}    }
}
`
}

const BYPASS: readonly string[] = [
  "Containers of this host are known by Docker's names for bridges (docker0, br-...); a network with a bridge name of its own is an outsider.",
  "Docker before version 28 lets machines on the same wire reach containers at the containers' own addresses, past these rules.",
]

function nftablesOf(exposure: Exposure): readonly string[] {
  const { from, address, port } = exposure
  const target = `ip daddr ${address} tcp dport ${port}`
  switch (from.kind) {
    case "anyone":
      return []
    case "this host":
      return [commentOf(exposure), `${target} counter drop`]
    case "hosts":
      return [
        commentOf(exposure),
        ...othersIn(exposure, from.addresses).map((source) => `${target} ip saddr ${source} return`),
        ...(includesOwn(exposure, from.addresses)
          ? CONTAINER_BRIDGES.nftables.map((bridge) => `${target} iifname "${bridge}" return`)
          : []),
        `${target} counter drop`,
      ]
  }
}

/** The same rules for hosts that keep to iptables: in the chain that Docker leaves to its users, after it has changed where packets go. */
export function dockerUserScript(topology: Topology, host: string, open: readonly Exposure[] = exposureOn(topology, host)): string {
  const chain = firewallChain(topology)
  const path = `${topology.dir}/${layout.firewall.dockerUser}`
  const rules = open.flatMap((exposure) => iptablesOf(exposure, chain))
  return `#!/bin/sh
# Written by gonka-ha for ${host} of ${topology.deployment}: who may reach the ports of this deployment. Nothing here is applied by itself.
#   apply    sh ${path}     (again after every change and every reboot)
#   check    sh ${path} --check     (prints the rules; the counters say what was dropped)
#   remove   sh ${path} --remove
# Only connections to the ports below are dropped, and only those that go on to a container.
${BYPASS.map((line) => `# ${line}\n`).join("")}set -eu

chain=${chain}

apply() {
  iptables -w -n -L DOCKER-USER >/dev/null 2>&1 || { echo "there is no chain DOCKER-USER: start Docker first, or use the rules for nftables" >&2; exit 1; }
  # The whole chain is replaced at once: there is no moment without it.
  iptables-restore -w --noflush <<'RULES'
*filter
:${chain} - [0:0]
-A ${chain} -m conntrack --ctdir REPLY -j RETURN
${rules.map((line) => `${line}\n`).join("")}COMMIT
RULES
  iptables -w -C DOCKER-USER -j "$chain" 2>/dev/null || iptables -w -I DOCKER-USER 1 -j "$chain"
}

remove() {
  while iptables -w -D DOCKER-USER -j "$chain" 2>/dev/null; do :; done
  iptables -w -F "$chain" 2>/dev/null || return 0
  iptables -w -X "$chain"
}

case \${1:-} in
  '') apply ;;
  --check) iptables -w -n -v -L "$chain" ;;
  --remove) remove ;;
  *) echo "usage: $0 [--check|--remove]" >&2; exit 64 ;;
esac
`
}

function iptablesOf(exposure: Exposure, chain: string): readonly string[] {
  const { from, address, port } = exposure
  // What is open on loopback alone never comes from outside, so it is not forwarded.
  if (from.kind !== "hosts") return []
  const rule = `-A ${chain} -p tcp -m conntrack --ctorigdst ${address} --ctorigdstport ${port}`
  return [
    commentOf(exposure),
    ...othersIn(exposure, from.addresses).map((source) => `${rule} -s ${source} -j RETURN`),
    ...(includesOwn(exposure, from.addresses) ? CONTAINER_BRIDGES.iptables.map((bridge) => `${rule} -i ${bridge} -j RETURN`) : []),
    `${rule} -j DROP`,
  ]
}

/** The longest name of a chain that iptables takes. */
const MAX_CHAIN = 28

export function firewallChain({ deployment }: Pick<Topology, "deployment">): string {
  const whole = `GONKA-HA-${deployment}`
  return whole.length <= MAX_CHAIN ? whole : `${whole.slice(0, MAX_CHAIN - 9)}-${shortDigest(deployment)}`
}

/** FNV-1a, 32 bits: enough to tell apart two long names with the same beginning. */
function shortDigest(text: string): string {
  let digest = 0x811c9dc5
  for (const character of text) digest = Math.imul(digest ^ (character.codePointAt(0) ?? 0), 0x01000193)
  return (digest >>> 0).toString(16).padStart(8, "0")
}

function commentOf({ owner, service, why }: Exposure): string {
  return `# ${service} of ${owner}: ${why}`
}

function othersIn({ host }: Exposure, addresses: readonly ReachingHost[]): readonly string[] {
  return addresses.filter((other) => other.host !== host).map((other) => other.address)
}

function includesOwn({ host }: Exposure, addresses: readonly ReachingHost[]): boolean {
  return addresses.some((other) => other.host === host)
}
