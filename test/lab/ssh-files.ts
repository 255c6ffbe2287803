import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { execa } from "execa"
import type { LabHost } from "./lab-host.ts"

/** A key pair for the operator of the lab; returns the line for authorized_keys. */
export async function makeOperatorKey(dir: string): Promise<string> {
  const path = join(dir, "id_ed25519")
  await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "lab operator", "-f", path])
  return readFileSync(`${path}.pub`, "utf8").trim()
}

export function writeKnownHosts(dir: string, keys: readonly { readonly host: LabHost; readonly publicKey: string }[]): void {
  const lines = keys.map(({ host, publicKey }) => `${host.address} ${publicKey.split(" ").slice(0, 2).join(" ")}\n`)
  writeFileSync(join(dir, "known_hosts"), lines.join(""))
}

/** Host keys stay checked: the lab knows them because it can look inside its own hosts. */
export function writeSshConfig(dir: string, hosts: readonly LabHost[]): string {
  const entries = hosts.map((host) =>
    [
      `Host ${host.name}`,
      `  HostName ${host.address}`,
      "  User root",
      `  IdentityFile "${join(dir, "id_ed25519")}"`,
      "  IdentitiesOnly yes",
      `  UserKnownHostsFile "${join(dir, "known_hosts")}"`,
      "  GlobalKnownHostsFile /dev/null",
      "  StrictHostKeyChecking yes",
      "  HostKeyAlgorithms ssh-ed25519",
      "",
    ].join("\n"),
  )
  const path = join(dir, "ssh_config")
  writeFileSync(path, entries.join("\n"))
  return path
}
