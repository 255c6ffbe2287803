import { execa } from "execa"
import { SIMD, TMKMS } from "./binary.ts"
import { CHAIN_BASE_IMAGE } from "./debian-image.ts"
import { ensureBinary } from "./ensure-binary.ts"
import { ensureDebianImage } from "./ensure-debian-image.ts"
import type { LabImages } from "./lab-images.ts"
import type { Report } from "./report.ts"

/** One image with the node's and the signer's program; two tags, so that the product sees two images as in production. */
export async function buildChainImage(images: LabImages, report: Report): Promise<void> {
  // allSettled: when one build fails, the others are still finished and cached before the failure is shown.
  const parts = await Promise.allSettled([
    ensureDebianImage(CHAIN_BASE_IMAGE, report),
    ensureBinary(SIMD, report),
    ensureBinary(TMKMS, report),
  ])
  const [base, simd, tmkms] = parts.map((part) => {
    if (part.status === "rejected") throw part.reason
    return part.value
  })
  if (base === undefined || simd === undefined || tmkms === undefined) throw new Error("a part of the chain image is missing")
  const { stdout: container } = await execa("docker", ["create", base, "true"])
  try {
    await execa("docker", ["cp", simd, `${container}:/usr/local/bin/simd`])
    await execa("docker", ["cp", tmkms, `${container}:/usr/local/bin/tmkms`])
    await execa("docker", ["commit", container, images.node])
    await execa("docker", ["tag", images.node, images.tmkms])
  } finally {
    await execa("docker", ["rm", "-f", container], { reject: false })
  }
}
