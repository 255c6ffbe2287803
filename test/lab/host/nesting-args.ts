import { docker } from "../docker.ts"

/** What an engine inside a container needs on machines whose root lacks CAP_SYS_RESOURCE, where --privileged fails. */
const WITHOUT_SYS_RESOURCE = [
  "--cap-add",
  "ALL",
  "--cap-drop",
  "SYS_RESOURCE",
  "--security-opt",
  "seccomp=unconfined",
  "--security-opt",
  "apparmor=unconfined",
  "--security-opt",
  "systempaths=unconfined",
  "--device-cgroup-rule",
  "a *:* rwm",
]

let decided: Promise<readonly string[]> | undefined

/** The `docker run` arguments that let a container be a Docker host; found out once per process. */
export function nestingArgs(image: string): Promise<readonly string[]> {
  decided ??= decide(image)
  return decided
}

async function decide(image: string): Promise<readonly string[]> {
  const version = await docker(["info", "--format", "{{.CgroupVersion}}"])
  const cgroup = version.trim() === "1" ? ["--volume", "/sys/fs/cgroup:/sys/fs/cgroup:rw"] : ["--cgroupns", "private"]
  const tmpfs = ["--tmpfs", "/run", "--tmpfs", "/tmp"]
  const isPrivilegedPossible = await docker(["run", "--rm", "--privileged", "--network", "none", image, "true"]).then(
    () => true,
    () => false,
  )
  return [...(isPrivilegedPossible ? ["--privileged"] : WITHOUT_SYS_RESOURCE), ...cgroup, ...tmpfs]
}
