import type { HostSeen, Observed } from "../observe/state.ts"
import { containerOf, whoSigns } from "../observe/who-signs.ts"
import { definitionsIn } from "../plan/service-difference.ts"
import type { HostFiles } from "../render/fileset.ts"
import { layout } from "../render/layout.ts"
import { serviceName, type Topology } from "../topology.ts"
import type { Compared, Drift } from "./drift.ts"
import { drift } from "./setting-drift.ts"

const SHOWN = 12

/** The labels of a host's containers against the digests that are rendered. */
export function containerDrift(topology: Topology, observed: Observed, files: HostFiles, seen: HostSeen): Compared {
  const definitions = definitionsIn(files.files.find(({ path }) => path === layout.compose)?.content ?? "")
  const drifts = [...files.serviceDigests].flatMap(([service, digest]): Drift[] => {
    const container = containerOf(topology, seen, service)
    const about = { host: files.host, form: "container" as const, what: service }
    if (!container) return [{ ...about, reason: "it does not exist", settings: [], fix: "`gonka-ha up` makes it" }]
    const image = definitions?.get(service)?.image
    const name = typeof image === "string" ? image : undefined
    if (container.digest !== digest) {
      const reason = `it was made from another definition or other files: its label says ${container.digest.slice(0, SHOWN) || "nothing"}, and ${digest.slice(0, SHOWN)} is rendered`
      const settings = name === undefined || container.image === name ? [] : [drift("image", name, container.image)]
      return [{ ...about, reason, settings, fix: fixOf(topology, observed, service) }]
    }
    if (!container.image.startsWith("sha256:") || name === undefined) return []
    const settings = [drift("image", name, container.image)]
    const fix = "name the image by its digest in the topology file, and run `gonka-ha up`"
    return [{ ...about, reason: "the name of its image leads to another image by now", settings, fix }]
  })
  return { drifts, unseen: [] }
}

/** What signs is not replaced under way. */
function fixOf(topology: Topology, observed: Observed, service: string): string {
  for (const validator of topology.validators) {
    const who = whoSigns(topology, observed, validator)
    if (who.kind !== "active") continue
    if (service === serviceName.signer(validator.name)) return "the next `gonka-ha promote` makes it anew, while the signer stands still"
    if (service === serviceName.node(who.node)) return "promote another node, then run `gonka-ha up`: its restart would miss blocks"
  }
  return "`gonka-ha up` makes it anew"
}
