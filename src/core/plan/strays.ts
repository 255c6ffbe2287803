import type { Issue } from "../issue.ts"
import { lastReplaced, replaceCommand } from "../observe/replaced-host.ts"
import { type ContainerSeen, type HostSeen, type Observed, valueIn } from "../observe/state.ts"
import { whoSigns } from "../observe/who-signs.ts"
import { servicesOn } from "../render/compose.ts"
import { serviceName, type Topology, type Validator } from "../topology.ts"

/*
 * What an edited topology file leaves behind on hosts: renamed, moved or removed nodes and validators whose containers go on.
 * `up` looks for it before it touches anything, since names in the file say nothing about what runs.
 */

function refuse(path: string, message: string, fix: string): Issue {
  return { severity: "error", path, message, fix }
}

function seenHosts(observed: Observed): readonly (readonly [string, HostSeen])[] {
  return [...observed.hosts].flatMap(([name, reading]) => (reading.kind === "seen" ? [[name, reading.value] as const] : []))
}

/** A signer of this deployment that the file does not know any more, and that goes on signing. */
export function unwantedSigners(topology: Topology, observed: Observed): Issue[] {
  const wanted = new Set(topology.validators.map(({ name }) => serviceName.signer(name)))
  return seenHosts(observed).flatMap(([host, { containers }]) =>
    containers
      .filter(({ role, deployment, service }) => role === "signer" && deployment === topology.deployment && !wanted.has(service))
      .filter(({ status }) => status !== "exited" && status !== "created")
      .map(({ name, status }) =>
        refuse(
          host,
          `${name} is ${status}, and the topology file has no such validator: its node would be taken from it`,
          "put the validator back into the file under its old name, or stop its signer for good and remove its container",
        ),
      ),
  )
}

/** A node that runs somewhere else than where the file has it: the same node key twice, and a signer that would be sent to a twin. */
export function strayNodes(topology: Topology, observed: Observed): Issue[] {
  return topology.nodes.flatMap((node) =>
    seenHosts(observed)
      .filter(([host]) => host !== node.host)
      .flatMap(([host, { containers }]) =>
        containers
          .filter(({ deployment, service }) => deployment === topology.deployment && service === serviceName.node(node.name))
          .filter(({ status }) => status === "running" || status === "restarting")
          .map(() =>
            refuse(
              node.name,
              `runs on ${host}, and the topology file has it on ${node.host}: two nodes with one key`,
              `put it back on ${host}, or give the new one another name; what runs is only moved by taking it down there first`,
            ),
          ),
      ),
  )
}

/** A signer that has never run here, according to its host: everything that says otherwise stops `up` before its first step. */
export function newSignerRefusals(topology: Topology, observed: Observed, validator: Validator, recorded: ReadonlySet<string>): Issue[] {
  if (whoSigns(topology, observed, validator).kind !== "new") return []
  const stop = "stop the old signer for good and bring its state, or put the file back as it was; one key has one signer and one state"
  const lost = lastReplaced(validator)
  if (lost !== undefined)
    return [
      refuse(
        validator.name,
        `${validator.signerHost} is to replace its signer on ${lost}, and that is not done: up never starts a second signer of a key`,
        `run \`${replaceCommand(lost)}\``,
      ),
    ]
  const reasons: Issue[] = []
  const signed = valueIn(observed.slashing.get(validator.name))?.recent.find(({ vote }) => vote !== "absent")
  if (signed)
    reasons.push(refuse(validator.name, `this key signed block ${signed.height}, and no signer of it is on ${validator.signerHost}`, stop))
  if (recorded.has(validator.name)) {
    const message = `the signer of this key was set up before, as this machine has recorded, and ${validator.signerHost} has nothing of it`
    // Whether this is the same machine with an empty disk or another one under the old name, nobody can see from here.
    const fix =
      "put the file back as it was; if the signer's host is lost or was installed anew, name a new one and run `gonka-ha signer replace`"
    reasons.push(refuse(validator.name, message, fix))
  }
  for (const candidate of validator.candidates) {
    const host = topology.nodes.find((node) => node.name === candidate)?.host
    if (host !== undefined && valueIn(observed.hosts.get(host))?.owners.get(candidate) === "validator")
      reasons.push(
        refuse(
          validator.name,
          `the privval port of ${candidate} belongs to a signer already, and none is on ${validator.signerHost}`,
          stop,
        ),
      )
  }
  return reasons
}

/** One port holds one signer: two validators must not both be sent to a node. */
export function sharedSeats(topology: Topology, observed: Observed): Issue[] {
  const seats = topology.validators.flatMap((validator) => {
    const who = whoSigns(topology, observed, validator)
    const node =
      who.kind === "active" ? who.node : who.kind === "stopped" ? who.aim : who.kind === "new" ? validator.firstActive : undefined
    return node === undefined ? [] : [{ validator: validator.name, node }]
  })
  return seats.flatMap(({ validator, node }, index) => {
    const other = seats.slice(0, index).find((seat) => seat.node === node)
    return other
      ? [
          refuse(
            validator,
            `its signer and that of ${other.validator} are both meant for ${node}: one port holds one signer`,
            `move one of them first with \`gonka-ha promote\` or \`gonka-ha failover\` to another candidate`,
          ),
        ]
      : []
  })
}

/** Containers of this deployment that the file does not know: they hold ports and do work that nobody looks after. */
export function leftovers(topology: Topology, observed: Observed): Issue[] {
  const wanted = new Map(topology.hosts.map((host) => [host.name, new Set(servicesOn(topology, host).map(({ name }) => name))]))
  return seenHosts(observed).flatMap(([host, { containers }]) =>
    containers
      .filter(({ deployment, service, role }) => deployment === topology.deployment && role !== "signer" && !wanted.get(host)?.has(service))
      .map(
        ({ name, status, service, role }): Issue => ({
          severity: "warning",
          path: host,
          message: `${name} is ${status} there, and the topology file has no such service on ${host}`,
          fix: leftoverFix(topology, host, { name, service, role }),
        }),
      ),
  )
}

/** A node that left the file is destroyed; what else is left over, or is a node's on a host that it has left, is removed by hand. */
function leftoverFix(topology: Topology, host: string, { name, service, role }: Pick<ContainerSeen, "name" | "service" | "role">): string {
  const isNode = role === "sentry" || role === "private" || role === "parking"
  const node = role === "parking" ? service.replace(/-parking$/, "") : service
  if (role === "balancer") return `if it is not needed any more: ssh ${host} docker rm -f ${name}`
  return isNode && !topology.nodes.some((each) => each.name === node)
    ? `if it is not needed any more: \`gonka-ha destroy ${node}\`; its data and its keys stay`
    : `if it is not needed any more: ssh ${host} docker rm -f ${name}; its data and its key stay`
}
