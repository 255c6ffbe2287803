import { type Observed, valueIn } from "../core/observe/state.ts"
import { changedFiles, type InstalledTexts } from "../core/plan/report-of.ts"
import type { Deployment } from "./deployment.ts"
import { readTexts } from "./read-texts.ts"

type Eyes = Pick<Deployment, "topology" | "files" | "fleet" | "sha256">

/** Reads the installed files that differ from what is rendered, all hosts at once; never a secret, since none is rendered. */
export async function installedTexts({ topology, files, fleet, sha256 }: Eyes, observed: Observed): Promise<InstalledTexts> {
  const hosts = topology.hosts.map(({ name }) => ({ name, paths: changedFiles(files, observed, name) }))
  return new Map(
    await Promise.all(
      hosts
        .filter(({ paths }) => paths.length > 0)
        .map(async ({ name, paths }) => {
          const installed = valueIn(observed.hosts.get(name))?.files
          const digests = new Map(paths.map((path) => [path, installed?.get(path)]))
          return [name, await readTexts(fleet.host(name), topology.dir, digests, sha256)] as const
        }),
    ),
  )
}
