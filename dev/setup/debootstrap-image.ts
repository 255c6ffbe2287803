import { mkdtempSync, rmSync } from "node:fs"
import { join } from "node:path"
import { cacheDir } from "./cache-dir.ts"
import type { DebianImage } from "./debian-image.ts"
import { SUITE } from "./debian-image.ts"
import { debianImageTag } from "./debian-image-tag.ts"
import { runLogged } from "./run-logged.ts"

/** Directories that no test needs and that every load into every lab host would pay for. */
const STRIPPED = [
  "usr/share/doc",
  "usr/share/man",
  "usr/share/info",
  "usr/share/locale",
  "usr/share/i18n",
  "usr/share/lintian",
  "var/cache/apt",
  "var/lib/apt/lists",
  "var/log/apt",
]

/** Makes a Debian image from a Debian mirror alone, without any image registry. Needs root. */
export async function debootstrapImage(image: DebianImage, mirror: string): Promise<void> {
  const work = mkdtempSync(join(cacheDir(), `debootstrap-${image.name}-`))
  const root = join(work, "root")
  const archive = join(work, "root.tar")
  const log = `debootstrap-${image.name}`
  try {
    const include = `--include=${image.packages.join(",")}`
    // In a mount namespace of its own: an interrupted run then leaves no mounted /proc in the directory.
    await runLogged(["unshare", "--mount", "debootstrap", "--variant=minbase", include, SUITE, root, mirror], { log })
    for (const path of STRIPPED) rmSync(join(root, path), { recursive: true, force: true })
    await runLogged(["tar", "--create", "--numeric-owner", `--file=${archive}`, `--directory=${root}`, "."], { log: `${log}-tar` })
    await runLogged(["docker", "import", archive, debianImageTag(image)], { log: `${log}-import` })
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}
