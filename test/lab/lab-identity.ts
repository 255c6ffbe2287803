import { randomBytes } from "node:crypto"
import type { ProcessIdentity } from "../../dev/setup/process-identity.ts"
import { identityOfThisProcess } from "../../dev/setup/process-identity.ts"

/** Written on every container, volume and network of a lab, so that a later run can tell whose they are. */
export type LabIdentity = { readonly id: string; readonly owner: ProcessIdentity }

export const LAB_LABEL = "gonka-ha-lab"
export const OWNER_LABEL = "gonka-ha-lab.owner"

export function newLabIdentity(label: string): LabIdentity {
  return { id: `${label}-${randomBytes(3).toString("hex")}`, owner: identityOfThisProcess() }
}

export function ownerText(owner: ProcessIdentity): string {
  return `${owner.pid}:${owner.startTicks}`
}

export function parseOwner(text: string): ProcessIdentity | undefined {
  const [pid, startTicks] = text.split(":")
  return startTicks === undefined ? undefined : { pid: Number(pid), startTicks }
}

export function labelArgs(identity: LabIdentity): readonly string[] {
  return ["--label", `${LAB_LABEL}=${identity.id}`, "--label", `${OWNER_LABEL}=${ownerText(identity.owner)}`]
}
