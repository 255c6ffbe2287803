import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { execa } from "execa"
import { onTestFinished } from "vitest"
import { HAPROXY_SOCKET } from "../../src/core/render/haproxy-text.ts"
import { waitUntil } from "../lab/wait-until.ts"
import { temporaryDir } from "./temporary-dir.ts"

/** Debian's programs for administrators are not on everybody's PATH. */
const ENV = { PATH: `${process.env.PATH ?? ""}:/usr/sbin:/sbin` }

/** What HAProxy of this machine says of a configuration; empty when it has nothing to say against it. */
export async function haproxyComplaints(config: string, besides: Readonly<Record<string, string>> = {}): Promise<string> {
  const { failed, stderr, stdout } = await execa("haproxy", ["-c", "-V", "-f", written(config, besides)], { env: ENV, reject: false })
  const said = `${stdout}\n${stderr}`.replace("Configuration file is valid", "").trim()
  return failed || said !== "" ? `haproxy -c: ${said}` : ""
}

/**
 * Runs a rendered configuration on this machine: as it is, but for the addresses that it listens on, which are those of one loopback
 * address here instead of a container's.
 */
export async function runHaproxy(config: string, address: string, besides: Readonly<Record<string, string>> = {}): Promise<void> {
  const socket = join(temporaryDir(), "haproxy.sock")
  const moved = config.replaceAll("bind :", `bind ${address}:`).replaceAll(HAPROXY_SOCKET, socket)
  const child = execa("haproxy", ["-db", "-f", written(moved, besides)], { env: ENV, reject: false, all: true, buffer: true })
  let ended: string | undefined
  const end = child.then(({ all }) => {
    ended = String(all)
  })
  onTestFinished(async () => {
    child.kill("SIGTERM")
    child.kill("SIGKILL")
    await end
  })
  await waitUntil(
    "HAProxy listens",
    async () => {
      if (ended !== undefined) throw new Error(`HAProxy has ended: ${ended}`)
      const { failed } = await execa("test", ["-S", socket], { reject: false })
      return failed ? undefined : true
    },
    { stuckAfterMs: 30_000 },
  )
}

function written(config: string, besides: Readonly<Record<string, string>>): string {
  const dir = temporaryDir()
  for (const [name, content] of Object.entries(besides)) writeFileSync(join(dir, name), content)
  const path = join(dir, "haproxy.cfg")
  writeFileSync(path, config)
  return path
}
