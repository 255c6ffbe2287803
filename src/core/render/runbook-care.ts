import type { Exposure } from "../exposure/exposure.ts"
import { containerName, type Host, serviceName, type Topology, type Validator } from "../topology.ts"
import { firewallTable } from "./firewall.ts"
import { layout, signerMarks } from "./layout.ts"
import { bullets, fencesOf, namesOf, type Paragraphs, shellBlock, showFences, writeWord } from "./runbook-text.ts"

export function fenceParagraphs(topology: Topology, validator: Validator): Paragraphs {
  const signer = containerName(topology, serviceName.signer(validator.name))
  return [
    `## Keep ${validator.name} from signing, and let it sign again`,
    "A fence holds at every start, across reboots and `docker compose up`; the second one lies outside of this directory and holds when an old backup of it comes back. It does not stop a signer that runs, so stop that too.",
    shellBlock(
      `mkdir -p -m 700 ${signerMarks(topology, validator)}`,
      ...fencesOf(topology, validator).flatMap((fence) => writeWord(fence, "who fenced it, when and why")),
      `docker kill -s KILL ${signer}`,
      `docker inspect -f '{{.State.Status}}' ${signer}`,
    ),
    "Take it away only when whoever put it there agrees, and only both at once.",
    shellBlock(
      ...showFences(topology, validator),
      `rm -f ${fencesOf(topology, validator).join(" ")}`,
      `docker start ${signer}`,
      `docker logs --since 1m ${signer}`,
    ),
  ]
}

/** What must be true of a host whose signer was replaced: gonka-ha sees to it at its first contact, a person does it so. */
export function replacedParagraphs(topology: Topology, host: Host): Paragraphs {
  return topology.validators
    .filter((validator) => validator.replacedHosts.includes(host.name))
    .flatMap((validator) => {
      const signer = containerName(topology, serviceName.signer(validator.name))
      const fences = fencesOf(topology, validator)
      const aside = `${topology.dir}/quarantine/by-hand`
      return [
        `## The signer of ${validator.name} that was here`,
        `It was replaced by the one on ${validator.signerHost}, for good: it must never sign again. Any gonka-ha command that reaches this host fences it, kills it and moves its key to \`quarantine/\` before anything else. By hand, in this order; the last line must say \`exited\`, or that there is no such container. What is missing here already needs no more.`,
        shellBlock(
          `mkdir -p -m 700 ${fences.map((fence) => fence.replace(/\/fence$/, "")).join(" ")} ${aside}`,
          ...fences.flatMap((fence) => writeWord(fence, `replaced by ${validator.signerHost}, fenced by hand`)),
          `docker update --restart=no ${signer}`,
          `docker kill -s KILL ${signer}`,
          `mv ${topology.dir}/${layout.secrets.signer(validator.name)}/consensus.key ${aside}/${validator.name}-consensus.key`,
          `docker inspect -f '{{.State.Status}}' ${signer}`,
        ),
      ]
    })
}

/** What can be mended on this host, and what must not be tried. */
export function restoreParagraphs(topology: Topology, host: Host): Paragraphs {
  const nodes = topology.nodes.filter((node) => node.host === host.name)
  const validators = topology.validators.filter((validator) => validator.signerHost === host.name)
  return [
    "## Mend, and what never to do",
    bullets(
      "Never start a second signer with the same key, here or anywhere, also not because the first one seems to be dead.",
      "Never delete, edit or copy back a signer's state, and never lower a floor: a signer that forgets what it has signed signs it again.",
      "Never put a consensus key on a host of a node. Nodes work without one.",
      "Never run `unsafe-reset-all` or the like on a node that signs.",
      "A file that was removed by mistake comes back with `gonka-ha up`, which restarts nothing for that.",
    ),
    ...validators.map(
      (validator) =>
        `If the state of ${validator.name} (\`${topology.dir}/${layout.signer.stateFile(validator.name)}\`) is lost or damaged, leave its signer down and set the fence. A copy from a backup is older than what was signed; \`gonka-ha signer state seal\` is the way on. If this whole host is lost, nothing here can replace it safely: \`gonka-ha signer replace\` first proves that it can never come back.`,
    ),
    ...nodes.flatMap((node) => [
      `If the data of ${node.name} is damaged: it starts again from ${ORIGIN[node.bootstrap]}.${node.candidateOf.length === 0 ? "" : ` Not while it signs: move ${namesOf(node.candidateOf)} away first.`}`,
      shellBlock(
        `docker stop ${containerName(topology, serviceName.node(node.name))}`,
        `mv ${topology.dir}/${layout.node.home(node.name)}/data ${topology.dir}/${layout.node.home(node.name)}/data.damaged`,
        `docker start ${containerName(topology, serviceName.node(node.name))}`,
        `docker logs --follow --since 1m ${containerName(topology, serviceName.node(node.name))}`,
      ),
    ]),
  ]
}

const ORIGIN = { genesis: "the first block", network: "a snapshot of the network", sentries: "a snapshot of the sentries" } as const

export function rebootParagraphs(topology: Topology, host: Host): Paragraphs {
  const hasNode = topology.nodes.some((node) => node.host === host.name)
  const hasCandidate = topology.nodes.some((node) => node.host === host.name && node.candidateOf.length > 0)
  const hasSigner = topology.validators.some((validator) => validator.signerHost === host.name)
  return [
    "## After a reboot",
    bullets(
      "Everything comes back with Docker, and Docker with the host if the first command below says `enabled`.",
      ...(hasNode ? ["Nodes: always, also when they were stopped by hand before."] : []),
      ...(hasCandidate ? ["Parking signers: always, but they only take a signing port whose owner file says `parking`."] : []),
      ...(hasSigner ? ["Signers: through their guard, to the node in `aim`; one that was stopped by hand or is fenced stays down."] : []),
    ),
    shellBlock("systemctl is-enabled docker", `docker compose --file ${topology.dir}/${layout.compose} ps --all`),
  ]
}

export function firewallParagraphs(topology: Topology, open: readonly Exposure[]): Paragraphs {
  if (open.length === 0) return ["## Firewall", "Nothing of this deployment listens here: there is nothing to close."]
  const [nft, docker] = [`${topology.dir}/${layout.firewall.nftables}`, `${topology.dir}/${layout.firewall.dockerUser}`]
  return [
    "## Firewall",
    `Who may reach what is in \`${topology.dir}/${layout.ports.markdown}\`. The rules are applied by hand, in one of two forms, again after each change and each reboot. With nftables:`,
    shellBlock(`nft -c -f ${nft}`, `nft -f ${nft}`, `nft list table inet ${firewallTable(topology)}`),
    "Where iptables is the custom:",
    shellBlock(`sh ${docker}`, `sh ${docker} --check`),
    "Gone again, when they are in the way:",
    shellBlock(`nft delete table inet ${firewallTable(topology)}`, `sh ${docker} --remove`),
  ]
}
