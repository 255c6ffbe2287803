import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { editSpec } from "./edit-spec.ts"
import type { Site } from "./site.ts"

const SLOW_PIPE = fileURLToPath(new URL("./slow-pipe.mjs", import.meta.url))

/**
 * From now on every host answers the operator this much later, there and back together. The kernel here has no delay of its own to give
 * (netem), so it is in the operator's way to the hosts, where Docker and SSH feel it; the signer's own connections stay as they are.
 * @returns what takes it back
 */
export async function slowHosts({ lab, operator }: Pick<Site, "lab" | "operator">, delayMs: number): Promise<() => Promise<void>> {
  const config = join(lab.dir, `ssh_config.slow-${delayMs}`)
  const plain = await readFile(lab.sshConfig, "utf8")
  // The first value of an option wins.
  await writeFile(config, `ProxyCommand "${process.execPath}" "${SLOW_PIPE}" %h %p ${delayMs / 2}\n${plain}`)
  return editSpec(operator, [[["ssh", "config"], config]])
}
