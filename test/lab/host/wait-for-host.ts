import { connect } from "node:net"
import { execInContainer } from "../exec-in-container.ts"
import type { LabHost } from "../lab-host.ts"
import { waitUntil } from "../wait-until.ts"

const LIMIT_MS = 60_000

/** Returns once both doors of a host are open: its engine answers, and its sshd greets. */
export async function waitForHost(host: LabHost): Promise<void> {
  await Promise.all([waitForEngine(host), waitForSsh(host)])
}

/** One process that waits inside is cheaper than one `docker exec` per try. */
async function waitForEngine(host: LabHost): Promise<void> {
  const ping = "until curl -fsS -m 5 --unix-socket /var/run/docker.sock http://engine/_ping >/dev/null 2>&1; do sleep 0.05; done"
  const result = await execInContainer(host.container, ["sh", "-c", ping], { timeoutMs: LIMIT_MS })
  if (result.code !== 0) throw new Error(`${host.name}: its engine does not answer (see \`docker logs ${host.container}\`)`)
}

async function waitForSsh(host: LabHost): Promise<void> {
  const look = async () => ((await isSshGreeting(host.address)) ? true : undefined)
  await waitUntil(`${host.name}: sshd`, look, { stuckAfterMs: LIMIT_MS, pollMs: 50 })
}

/** Whether port 22 greets within a second, seen from this machine. */
export function isSshGreeting(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: 22 })
    const finish = (greeted: boolean) => {
      socket.destroy()
      resolve(greeted)
    }
    socket.setTimeout(1000, () => finish(false))
    socket.once("error", () => finish(false))
    socket.once("close", () => finish(false))
    socket.once("data", (data) => finish(data.toString("latin1").startsWith("SSH-")))
  })
}
