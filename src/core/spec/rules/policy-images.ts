import { isPlaceholder } from "../placeholder.ts"
import type { Found, Rule } from "../rule.ts"
import type { Spec } from "../schema.ts"
import { isTrialChain } from "./trial-chain.ts"

const DIGEST = "sha256:1111111111111111111111111111111111111111111111111111111111111111"

const imagesHaveDigests: Rule = {
  id: "GHA-851",
  title: "Images are named by their digest.",
  severity: "warning",
  why: "A tag can be moved: the next host that pulls it would run something that nobody has tried.",
  fix: "write NAME@sha256:…; `docker buildx imagetools inspect NAME:TAG` prints the digest",
  bad: { yaml: "images:\n  node: example/node:0.2.15\n" },
  good: { yaml: `images:\n  node: example/node@${DIGEST}\n` },
  check: ({ spec }) => withPin(spec, "tag").map((key) => ({ path: ["images", key], message: "is named by a tag, not by its digest" })),
}

const imagesHaveVersions: Rule = {
  id: "GHA-852",
  title: "No image is the latest one.",
  severity: "warning",
  why: "Two hosts that pull it a week apart run different programs, and neither can be told from its name.",
  fix: "write NAME@sha256:…, or at least a version",
  bad: { yaml: "images:\n  tmkms: example/tmkms:latest\n" },
  good: { yaml: `images:\n  tmkms: example/tmkms@${DIGEST}\n` },
  check: ({ spec }): readonly Found[] =>
    withPin(spec, "latest").map((key) => ({ path: ["images", key], message: "is whatever is the latest on the day when a host pulls it" })),
}

/** Names of the images that are pinned in one way; trials take images as they come. */
function withPin(spec: Spec, pin: ReturnType<typeof pinOf>): readonly string[] {
  if (isTrialChain(spec)) return []
  return Object.entries(spec.images ?? {}).flatMap(([key, image]) =>
    image === undefined || isPlaceholder(image) || pinOf(image) !== pin ? [] : [key],
  )
}

function pinOf(image: string): "digest" | "tag" | "latest" {
  if (/@[a-z0-9]+:[0-9a-f]{32,}$/.test(image)) return "digest"
  // A colon before the last slash belongs to the registry's port.
  const tag = /:([^:/]+)$/.exec(image)?.[1]
  return tag === undefined || tag === "latest" ? "latest" : "tag"
}

/** Rules about the images of a deployment. */
export const IMAGE_RULES: readonly Rule[] = [imagesHaveDigests, imagesHaveVersions]
