import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { aptInstall } from "./apt-install.ts"
import type { DebianImage } from "./debian-image.ts"
import { debianImageTag } from "./debian-image-tag.ts"
import { debianMirror } from "./debian-mirror.ts"
import { debootstrapImage } from "./debootstrap-image.ts"
import { hasProgram } from "./has-program.ts"
import { imageExists } from "./image-exists.ts"
import { isRootOnDebian } from "./is-root-on-debian.ts"
import type { Report } from "./report.ts"
import { runLogged } from "./run-logged.ts"
import { SetupError } from "./setup-error.ts"
import { stage } from "./stage.ts"

const HERE = dirname(fileURLToPath(import.meta.url))

/** A Debian image in the engine: by debootstrap as root on Debian, else from a Dockerfile. Returns its tag. */
export async function ensureDebianImage(image: DebianImage, report: Report): Promise<string> {
  const tag = debianImageTag(image)
  if (await imageExists(tag)) return tag
  const mirror = isRootOnDebian() ? await debianMirror() : undefined
  if (mirror === undefined) {
    await stage(report, `${image.name} image from a Dockerfile`, () => dockerfileImage(image))
    return tag
  }
  if (!hasProgram("debootstrap")) {
    await stage(report, "install debootstrap", () => aptInstall(["debootstrap"]))
  }
  await stage(report, `${image.name} image by debootstrap`, () => debootstrapImage(image, mirror))
  return tag
}

async function dockerfileImage(image: DebianImage): Promise<void> {
  const packages = `PACKAGES=${image.packages.join(" ")}`
  const file = join(HERE, "debian.Dockerfile")
  try {
    await runLogged(["docker", "build", "--build-arg", packages, "--tag", debianImageTag(image), "--file", file, HERE], {
      log: `dockerfile-${image.name}`,
    })
  } catch (cause) {
    throw new SetupError(
      `The ${image.name} image could not be made. Run the set-up as root on Debian (it then needs only a Debian mirror), or where Docker can pull debian:trixie-slim.`,
      { cause },
    )
  }
}
