import { docker } from "./docker.ts"
import { nestingArgs } from "./host/nesting-args.ts"

const REMOVE = `
remaining() { find /sys/fs/cgroup -maxdepth 3 -type d -path "*/gonka-ha-lab/$1"; }
tries=0
while [ -n "$(remaining "$1")" ] && [ $tries -lt 100 ]; do
  remaining "$1" | while read -r top; do find "$top" -depth -type d -exec rmdir {} + 2>/dev/null; done
  tries=$((tries + 1))
  [ -z "$(remaining "$1")" ] || sleep 0.1
done
find /sys/fs/cgroup -maxdepth 2 -type d -name gonka-ha-lab -exec rmdir --ignore-fail-on-non-empty {} + 2>/dev/null
[ -z "$(remaining "$1")" ]
`

/**
 * A killed host leaves its containers' empty cgroups behind. They belong to the machine, not to any container, so they
 * are removed from a container that sees them; a group that still holds a dying process is tried again.
 */
export async function removeCgroupLeftovers(id: string, image: string): Promise<void> {
  const args = await nestingArgs(image)
  await docker(["run", "--rm", "--network", "none", ...args, image, "sh", "-c", REMOVE, "sh", id])
}
