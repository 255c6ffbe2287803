import { join } from "node:path"
import { execa } from "execa"
import { waitUntil } from "../../test/lab/wait-until.ts"

/** A second, empty Docker engine next to the machine's own one, as long as `work` runs. It has no networks: builds use the host's. */
export async function withSpareEngine<T>(dir: string, work: (host: string) => Promise<T>): Promise<T> {
  const host = `unix://${join(dir, "docker.sock")}`
  const daemon = execa(
    "dockerd",
    [
      ...["--host", host, "--data-root", join(dir, "data"), "--exec-root", join(dir, "exec"), "--pidfile", join(dir, "pid")],
      ...["--bridge", "none", "--iptables=false", "--ip6tables=false"],
    ],
    { reject: false, stdin: "ignore", stdout: "ignore", stderr: { file: join(dir, "dockerd.log") } },
  )
  try {
    await waitUntil(
      "a second dockerd",
      async () => ((await execa("docker", ["--host", host, "info"], { reject: false })).failed ? undefined : true),
      { stuckAfterMs: 60_000 },
    )
    return await work(host)
  } finally {
    daemon.kill("SIGTERM")
    await daemon
  }
}
