import { readFileSync } from "node:fs"
import { docker } from "../docker.ts"
import type { LabHost } from "../lab-host.ts"
import type { LabIdentity } from "../lab-identity.ts"
import { LAB_LABEL, labelArgs, OWNER_LABEL, ownerText } from "../lab-identity.ts"
import type { LabNetwork } from "../lab-network.ts"
import { nestingArgs } from "./nesting-args.ts"

const BOOT = readFileSync(new URL("./boot.sh", import.meta.url), "utf8")

export type HostRequest = {
  readonly identity: LabIdentity
  readonly network: LabNetwork
  readonly image: string
  readonly authorizedKey: string
  readonly host: LabHost
}

export async function startHost({ identity, network, image, authorizedKey, host }: HostRequest): Promise<void> {
  await docker([
    "run",
    "--detach",
    "--name",
    host.container,
    "--hostname",
    host.name,
    ...labelArgs(identity),
    ...(await nestingArgs(image)),
    "--network",
    network.name,
    "--ip",
    host.address,
    ...volume(identity, host, "/var/lib/docker"),
    ...volume(identity, host, "/var/lib/containerd"),
    "--env",
    `LAB_CGROUP_PARENT=/gonka-ha-lab/${identity.id}/${host.name}`,
    "--env",
    `LAB_AUTHORIZED_KEY=${authorizedKey}`,
    image,
    "sh",
    "-c",
    BOOT,
  ])
}

/** The engine's storage driver needs a real file system under it, and data has to outlive a power loss. */
function volume(identity: LabIdentity, host: LabHost, path: string): readonly string[] {
  const name = `${host.container}${path.replaceAll("/", "-")}`
  const labels = `volume-label=${LAB_LABEL}=${identity.id},volume-label=${OWNER_LABEL}=${ownerText(identity.owner)}`
  return ["--mount", `type=volume,src=${name},dst=${path},${labels}`]
}
