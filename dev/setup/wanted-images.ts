import { SIMD, TMKMS } from "./binary.ts"
import { binaryKey } from "./binary-key.ts"
import { contentKey } from "./content-key.ts"
import { CHAIN_BASE_IMAGE, HAPROXY_IMAGE, HOST_IMAGE } from "./debian-image.ts"
import { debianImageTag } from "./debian-image-tag.ts"
import type { LabImages } from "./lab-images.ts"

/** The tags follow from the inputs alone, so whether something is missing is known without building anything. */
export function wantedImages(): LabImages {
  const key = contentKey([debianImageTag(CHAIN_BASE_IMAGE), binaryKey(SIMD), binaryKey(TMKMS)])
  return {
    host: debianImageTag(HOST_IMAGE),
    node: `gonka-ha-lab/simd:${key}`,
    tmkms: `gonka-ha-lab/tmkms:${key}`,
    haproxy: debianImageTag(HAPROXY_IMAGE),
  }
}
