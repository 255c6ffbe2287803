import { execa } from "execa"

/**
 * The mirror this machine's own apt uses for Debian's main archive, or undefined where apt knows none
 * (not Debian, or no apt at all). Security and third-party lists are left out.
 */
export async function debianMirror(): Promise<string | undefined> {
  const result = await execa("apt-get", ["indextargets", "--format", "$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(SITE)", "Created-By: Packages"], {
    reject: false,
  })
  if (result.failed) return undefined
  const sites = result.stdout
    .split("\n")
    .map((line) => line.split("|"))
    .filter(([origin, label, component]) => origin === "Debian" && label === "Debian" && component === "main")
    .map(([, , , site]) => site)
  return sites.find((site) => site !== undefined && site !== "")
}
