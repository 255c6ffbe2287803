import { execa } from "execa"
import { DEPLOYMENT_DIR } from "../../test/drill/host-facts.ts"
import { HA2_HOSTS, type Site } from "../../test/drill/site.ts"
import type { Benchmark } from "./benchmark.ts"
import { timedSeconds } from "./timed-seconds.ts"
import { withSite } from "./with-site.ts"

const BLOCK_MS = 1000
/** What `up` itself waits for before it says that it is done. */
const SIGNED_BLOCKS = 2

/** Both times from hosts without a container and without chain data to two blocks signed in a row. */
export const upFromNothing: Benchmark = {
  name: "up",
  about: "gonka-ha up on five hosts at 1 s blocks, and docker compose up -d of the same containers",
  metrics: [
    { name: "up", unit: "s" },
    { name: "up-plain-compose", unit: "s" },
    { name: "up-against-plain", unit: "x" },
  ],
  run: (report) =>
    withSite("up", BLOCK_MS, report, async (site) => {
      const ours = await timedSeconds(() => site.operator.must(["up", "--yes"]))
      await backToNothing(site)
      const plain = await timedSeconds(() => plainUp(site))
      return { up: ours, "up-plain-compose": plain, "up-against-plain": ours / plain }
    }),
}

/** Files stay, so that plain compose finds its configuration; the signer's state stays too, since it belongs to a real key. */
async function backToNothing({ lab, operator }: Site): Promise<void> {
  await operator.must(["down", "--name", "demo"])
  await Promise.all(HA2_HOSTS.map((host) => ssh(lab.sshConfig, host, `rm -rf ${DEPLOYMENT_DIR}/nodes/*/home`)))
}

/** What one would do by hand who has all files in place: everything at once on every host. */
async function plainUp({ lab, witness }: Site): Promise<void> {
  const tip = await witness.judgedTip()
  await Promise.all(HA2_HOSTS.map((host) => ssh(lab.sshConfig, host, `cd ${DEPLOYMENT_DIR} && docker compose up -d`)))
  await witness.waitForSigned(tip, SIGNED_BLOCKS)
}

async function ssh(config: string, host: string, command: string): Promise<void> {
  await execa("ssh", ["-F", config, "-o", "BatchMode=yes", host, command], { stdin: "ignore" })
}
