import { aptInstall } from "./apt-install.ts"
import { hasProgram } from "./has-program.ts"
import { isRootOnDebian } from "./is-root-on-debian.ts"
import type { Report } from "./report.ts"
import { SetupError } from "./setup-error.ts"
import { stage } from "./stage.ts"

/** Programs by the Debian package that brings them. */
export type Programs = Readonly<Record<string, string>>

/** What the command line and the lab call on this machine. */
export const LAB_PROGRAMS: Programs = { ssh: "openssh-client", "ssh-keygen": "openssh-client", tar: "tar", iptables: "iptables" }

/** What the tests call besides: they run our shell scripts here, and an SSH server of their own. */
export const TEST_PROGRAMS: Programs = {
  ...LAB_PROGRAMS,
  sshd: "openssh-server",
  jq: "jq",
  curl: "curl",
  openssl: "openssl",
  flock: "util-linux",
  unshare: "util-linux",
  script: "bsdutils",
  ps: "procps",
  haproxy: "haproxy",
  nft: "nftables",
  ip: "iproute2",
  age: "age",
  sudo: "sudo",
}

/** Installs what is missing where that is possible, and otherwise says at once what to install. */
export async function ensurePrograms(programs: Programs, report: Report): Promise<void> {
  const missing = [...new Set(Object.entries(programs).flatMap(([program, debianPackage]) => (hasProgram(program) ? [] : [debianPackage])))]
  if (missing.length === 0) return
  if (!isRootOnDebian()) throw new SetupError(`programs are missing: install the packages ${missing.join(", ")} and run this again`)
  await stage(report, `install ${missing.join(", ")}`, () => aptInstall(missing))
}
