import type { HostAccess, RunResult } from "../../src/core/ports.ts"
import type { Topology } from "../../src/core/topology.ts"
import { aTopology, filesOf } from "./observed.ts"

/** The good spec with settings of config.toml of one node put above the role's. */
export function withConfig(node: string, config: Readonly<Record<string, string | number | boolean>>): Topology {
  const topology = aTopology()
  return aTopology({
    nodes: topology.nodes.map((each) => (each.name === node ? { ...each, patches: { ...each.patches, config } } : each)),
  })
}

/** The good spec with another image for its nodes. */
export function withNodeImage(image: string): Topology {
  return aTopology({ images: { ...aTopology().images, node: image } })
}

/** What a topology's files say, by host and path: the texts that are installed where it was brought up. */
export function textsOf(topology: Topology): ReadonlyMap<string, ReadonlyMap<string, string>> {
  return new Map([...filesOf(topology)].map(([host, { files }]) => [host, new Map(files.map(({ path, content }) => [path, content]))]))
}

/** Hosts that also answer when their installed files are read; `asked` gets every path that was. */
export function readableHosts(
  hosts: Readonly<Record<string, HostAccess>>,
  texts: ReadonlyMap<string, ReadonlyMap<string, string>>,
  asked: string[] = [],
): Readonly<Record<string, HostAccess>> {
  return Object.fromEntries(
    Object.entries(hosts).map(([name, host]) => {
      const run: HostAccess["run"] = async (argv, options): Promise<RunResult> => {
        if (argv[3] !== "read-installed") return host.run(argv, options)
        const paths = argv.slice(6)
        asked.push(...paths.map((path) => `${name}/${path}`))
        const line = (path: string) => Buffer.from(texts.get(name)?.get(path) ?? "").toString("base64")
        return { code: 0, stdout: paths.map((path) => `${line(path)}\n`).join(""), stderr: "" }
      }
      return [name, { ...host, run }]
    }),
  )
}
