import * as z from "zod"
import type { FileSet, HostFiles, Sha256 } from "../render/fileset.ts"

const sha256Text = z.string().regex(/^[0-9a-f]{64}$/)

/** What gonka-ha renders, and nothing else: no secret, no signer's state or control, nothing of a node's home. */
const renderedPath = z
  .string()
  .regex(
    /^(compose\.yaml|RUNBOOK\.md|PORTS\.md|ports\.json|(firewall|haproxy(\/[\w-][\w.-]*)?|nodes\/[\w-][\w.-]*(\/parking)?\/config|signers\/[\w-][\w.-]*\/config)\/[\w-][\w.-]*)$/,
  )

/** Ids of operations, which are also the names of directories on hosts. */
export const GENERATION_ID = /^\d{8}-\d{6}-[a-z0-9-]+$/

const manifestSchema = z.strictObject({
  schema: z.literal("gonka-ha/generation/v1"),
  /** The operation that installed it. */
  operation: z.string().regex(GENERATION_ID),
  at: z.iso.datetime(),
  by: z.string(),
  /** Over the files of all hosts that were wanted then. */
  wanted: sha256Text,
  /** Of each host of the deployment, the digest over its files that were wanted then. */
  hosts: z.record(z.string(), sha256Text),
  /** Of this host: path, relative to the deployment's directory, to SHA-256. */
  files: z.record(renderedPath, sha256Text),
})

/** What a host says of files that were once wholly installed there. */
export type Manifest = z.output<typeof manifestSchema>

/** Whose push it is, and when. */
export type Made = { readonly operation: string; readonly at: string; readonly by: string }

/** @returns undefined when it is none, as of a host on which somebody has changed it */
export function parseManifest(text: string): Manifest | undefined {
  try {
    return manifestSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** @throws Error when a file is rendered where no generation keeps files */
export function manifestOf(files: FileSet, host: string, made: Made, sha256: Sha256): Manifest {
  const hosts = Object.fromEntries([...files].map(([name, { files: list }]) => [name, setDigest(digestsOf(list), sha256)]))
  const wanted = sha256(JSON.stringify(Object.entries(hosts).sort(byName)))
  const own = digestsOf(files.get(host)?.files ?? [])
  return manifestSchema.parse({ schema: "gonka-ha/generation/v1", ...made, wanted, hosts, files: own })
}

/** One digest over the paths and contents of a host's files. */
export function setDigest(files: Readonly<Record<string, string>>, sha256: Sha256): string {
  return sha256(JSON.stringify(Object.entries(files).sort(byName)))
}

export function digestsOf(files: HostFiles["files"]): Readonly<Record<string, string>> {
  return Object.fromEntries(files.map(({ path, sha256 }) => [path, sha256]))
}

function byName([left]: readonly [string, string], [right]: readonly [string, string]): number {
  return left < right ? -1 : 1
}
