import type { Issue } from "../issue.ts"
import { goOn } from "../observe/replaced-host.ts"
import { type Observed, valueIn } from "../observe/state.ts"
import { whoSigns } from "../observe/who-signs.ts"
import type { FileSet } from "../render/fileset.ts"
import { type ChainNode, serviceName, type Topology, type Validator } from "../topology.ts"
import { isOutdated, whyToBringUp } from "./bring-up-reason.ts"
import { refuse } from "./preflight/refusal.ts"

/*
 * Why a container is not to be stopped as things stand, whatever it costs.
 */

export function containerReasons(topology: Topology, files: FileSet, observed: Observed, { name, host }: ChainNode): Issue[] {
  return outdatedReasons(topology, files, observed, { host, service: serviceName.node(name) })
}

export function outdatedReasons(
  topology: Topology,
  files: FileSet,
  observed: Observed,
  { host, service }: { readonly host: string; readonly service: string },
): Issue[] {
  const why = whyToBringUp(topology, valueIn(observed.hosts.get(host)), files.get(host), service)
  if (!isOutdated(why)) return []
  // Its files are newer than the container: a restart would run on half of each.
  return [refuse(service, why?.text ?? "", "`gonka-ha up` makes its container anew, which is a restart, too")]
}

export function signerReasons(topology: Topology, observed: Observed, validator: Validator, node: ChainNode): Issue[] {
  const pending = valueIn(observed.hosts.get(validator.signerHost))?.signers.get(validator.name)?.operation
  if (pending)
    return [
      refuse(
        validator.name,
        `${pending.kind} to ${pending.to} was begun ${pending.since} and not finished`,
        `run \`${goOn(pending, validator)}\``,
      ),
    ]
  const who = whoSigns(topology, observed, validator)
  switch (who.kind) {
    case "active":
    case "new":
      return []
    case "stopped":
      return who.aim === node.name
        ? [
            refuse(
              validator.name,
              `does not sign, and its signer is meant for ${node.name}: ${who.reason}`,
              "run `gonka-ha status`, then `gonka-ha up`",
            ),
          ]
        : []
    case "conflict":
      return who.reasons.map((reason) => refuse(validator.name, reason, "stop and remove all but one signer before anything else"))
    case "unknown":
      return [
        refuse(validator.name, `it is not clear whether it signs through ${node.name}: ${who.reason}`, "make the signer's host reachable"),
      ]
  }
}

/** A node that waits for a signer which went elsewhere needs to be parked, not restarted. */
export function portReasons(observed: Observed, node: ChainNode, isActive: boolean): Issue[] {
  if (node.candidateOf.length === 0 || isActive) return []
  const owner = valueIn(observed.hosts.get(node.host))?.owners.get(node.name)
  return owner === "parking" || owner === "plain"
    ? []
    : [
        refuse(
          node.name,
          owner === undefined
            ? "its privval port belongs to nobody"
            : `its privval port belongs to the ${owner}'s signer, which is elsewhere`,
          "run `gonka-ha up`, which parks it",
        ),
      ]
}
