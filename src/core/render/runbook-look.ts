import { type ChainNode, containerName, type Host, serviceName, type Topology, type Validator } from "../topology.ts"
import { LABEL } from "./compose.ts"
import { inside, layout, signerMarks } from "./layout.ts"
import { bullets, namesOf, type Paragraphs, shellBlock, showFences, statusOf } from "./runbook-text.ts"

/** What runs on a host, and the commands that show how it is. */
export function lookParagraphs(topology: Topology, host: Host): Paragraphs {
  const nodes = topology.nodes.filter((node) => node.host === host.name)
  const validators = topology.validators.filter((validator) => validator.signerHost === host.name)
  const apis = topology.apis.filter((api) => api.host === host.name)
  const edges = topology.edges.filter((edge) => edge.host === host.name)
  const roles = [
    ...nodes.map((node) => nodeRole(topology, node)),
    ...validators.map(
      (validator) =>
        `\`${containerName(topology, serviceName.signer(validator.name))}\`: the one signer of ${validator.name}. It holds the consensus key.`,
    ),
    ...apis.map(
      (api) =>
        `\`${balancerOf(topology, api.name)}\`: the load balancer between the api ${api.name} and ${namesOf(api.upstreams)}, in that order of preference. Containers in the network of the same name find it as \`node\`.`,
    ),
    ...edges.map(
      (edge) =>
        `\`${balancerOf(topology, edge.name)}\`: the public entry point ${edge.name}, port ${edge.port}${edge.grpcPort === undefined ? "" : ` and for gRPC ${edge.grpcPort}`}.`,
    ),
  ]
  return [
    "## What runs here, and how it is",
    roles.length === 0 ? "Nothing of this deployment." : bullets(...roles),
    shellBlock(
      `docker ps --all --filter label=${LABEL.deployment}=${topology.deployment} --format 'table {{.Names}}\\t{{.Status}}'`,
      ...nodes.flatMap((node) => [
        `docker logs --tail 50 ${containerName(topology, serviceName.node(node.name))}`,
        statusOf(node.ports.rpc),
      ]),
      ...[...apis, ...edges].map(({ name }) => `docker logs --tail 20 ${balancerOf(topology, name)}`),
      ...edges.map((edge) => `curl -fsS http://127.0.0.1:${edge.port}/health`),
    ),
    ...nodes.flatMap((node) => (node.candidateOf.length > 0 ? portParagraphs(topology, node) : [])),
    ...validators.flatMap((validator) => signerParagraphs(topology, validator)),
  ]
}

function balancerOf(topology: Topology, name: string): string {
  return containerName(topology, serviceName.balancer(name))
}

function nodeRole(topology: Topology, node: ChainNode): string {
  const container = `\`${containerName(topology, serviceName.node(node.name))}\``
  if (node.role === "sentry") return `${container}: a sentry, the only kind of node that the network sees.`
  if (node.candidateOf.length === 0) return `${container}: a private node that never signs.`
  const parking = `\`${containerName(topology, serviceName.parking(node.name))}\``
  return `${container}: a private node that can sign for ${namesOf(node.candidateOf)}; ${parking} answers its signing port while it does not.`
}

function portParagraphs(topology: Topology, node: ChainNode): Paragraphs {
  const replaced = topology.validators.filter(({ name }) => node.candidateOf.includes(name)).flatMap(({ replacedHosts }) => replacedHosts)
  return [
    `Who may hold the signing port of ${node.name}: \`parking\` while it is a standby, \`validator\` while it is the active node.`,
    ...(replaced.length === 0
      ? []
      : [
          `It is reached at port ${node.ports.privval}, and was elsewhere before ${namesOf(replaced)} was replaced: the old signer finds its port closed. Never publish that one again.`,
        ]),
    shellBlock(
      `cat ${topology.dir}/${layout.parking.owner(node.name)}`,
      `docker logs --tail 20 ${containerName(topology, serviceName.parking(node.name))}`,
    ),
  ]
}

function signerParagraphs(topology: Topology, validator: Validator): Paragraphs {
  const container = containerName(topology, serviceName.signer(validator.name))
  const { dir } = topology
  const { aim, control, floor, journal, receipts, stateFile } = layout.signer
  const [name, marks] = [validator.name, signerMarks(topology, validator)]
  return [
    `The signer of ${name}: the node that it serves (aim), the height below which its state is not believed (floor), the last thing it was asked to sign (state). A file \`fence\` keeps it from starting; a file \`operation.json\` is a move that was interrupted. \`${marks}\` holds a second fence and floor, which count as much.`,
    shellBlock(
      `cd ${dir}`,
      `cat ${aim(name)} ${floor(name)} ${stateFile(name)}`,
      `ls -l ${control(name)} ${marks}`,
      ...showFences(topology, validator),
      `docker logs --tail 50 ${container}`,
      `docker exec ${container} sh ${inside.config}/guard.sh check`,
    ),
    "What the last move by gonka-ha came to (`at=to` moved, `at=from` went back, `at=stopped` could start nowhere), whether one is at work now, and what was written down of all of them; there is nothing of it before the first.",
    shellBlock(
      `cd ${dir}`,
      `cat ${control(name)}/move`,
      `flock -n ${control(name)}/move.lock true && echo 'no move is at work'`,
      `ls ${journal(name)} ${receipts(name)}`,
    ),
  ]
}
