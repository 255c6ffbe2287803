import type { Issue } from "../../issue.ts"
import { type HostDisk, type Observed, valueIn } from "../../observe/state.ts"
import { sizeText } from "../../size-text.ts"
import { nodeOf, type Topology, type Validator } from "../../topology.ts"
import type { Verb } from "./facts.ts"
import { refuse, refuseIfPlanned } from "./refusal.ts"

const GIB = 1024 ** 3
const MIB = 1024 ** 2

/** Too little is what lies below both: so much of a small disk, so many bytes of a large one. */
export type Least = { readonly bytes: number; readonly percent: number }

/** A node that begins to sign should do so for days: chain data and logs grow by hundreds of megabytes a day. */
const NODE: Least = { bytes: 5 * GIB, percent: 10 }
/** A node that has to sign now: it must not stop within hours. */
const NODE_IN_NEED: Least = { bytes: 512 * MIB, percent: 5 }
/** A signer writes its state before each signature, a few hundred bytes, and a log; without room it stops signing. */
const SIGNER: Least = { bytes: 256 * MIB, percent: 5 }

/** Room on the disks that the target and the signer write to. */
export function diskReasons(topology: Topology, observed: Observed, validator: Validator, to: string, verb: Verb): Issue[] {
  const targetHost = nodeOf(topology, to).host
  const node = verb === "promote" ? NODE : NODE_IN_NEED
  return [
    ...hostReasons(observed, targetHost, "the target's data", node, verb),
    // Where both are on one disk, the node needs more.
    ...(validator.signerHost === targetHost ? [] : hostReasons(observed, validator.signerHost, "the signer's state", SIGNER, verb)),
  ]
}

function hostReasons(observed: Observed, host: string, what: string, least: Least, verb: Verb): Issue[] {
  const disk = valueIn(observed.hosts.get(host))?.disk
  // That a host does not answer is told where it matters.
  if (!disk) return []
  if (disk.kind === "unknown")
    return [refuseIfPlanned(verb)(host, `the free space for ${what} is not known: ${disk.reason}`, "look with `df` on the host")]
  return isTooLittle(disk.value, least)
    ? [
        refuse(
          host,
          `${sizeText(disk.value.freeBytes)} of ${sizeText(disk.value.totalBytes)} are free for ${what}, and ${sizeText(least.bytes)} or ${least.percent} % must be`,
          "make room on the disk of the deployment's directory",
        ),
      ]
    : []
}

export function isTooLittle({ freeBytes, totalBytes }: HostDisk, { bytes, percent }: Least): boolean {
  return freeBytes < bytes && freeBytes < (totalBytes * percent) / 100
}
