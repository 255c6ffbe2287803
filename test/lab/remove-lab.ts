import { wantedImages } from "../../dev/setup/wanted-images.ts"
import { removeCgroupLeftovers } from "./cgroup-leftovers.ts"
import { docker } from "./docker.ts"
import { removeLabDirectory } from "./lab-directory.ts"
import { labResources } from "./lab-resources.ts"

/** Removes a lab whatever state it is in. Safe to run twice, and by two processes at once. */
export async function removeLab(id: string): Promise<void> {
  const resources = await labResources(id)
  const names = (kind: "container" | "volume" | "network") => resources.filter((one) => one.kind === kind).map((one) => one.name)
  await Promise.all(names("container").map(removeContainer))
  await Promise.all(names("volume").map((name) => docker(["volume", "rm", "--force", name])))
  for (const name of names("network")) await ignoreGone(docker(["network", "rm", name]))
  if (names("container").length > 0) await removeCgroupLeftovers(id, wantedImages().host)
  removeLabDirectory(id)
}

async function removeContainer(name: string): Promise<void> {
  // A paused container cannot die of its signal before it is thawed.
  await docker(["unpause", name]).catch(() => undefined)
  await ignoreGone(docker(["rm", "--force", "--volumes", name]))
}

async function ignoreGone(removal: Promise<string>): Promise<void> {
  try {
    await removal
  } catch (cause) {
    if (!(cause instanceof Error) || !/no such|not found|already in progress/i.test(cause.message)) throw cause
  }
}
