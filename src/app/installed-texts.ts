import { base64 } from "@scure/base"
import { reasonOf } from "../core/errors.ts"
import { type Observed, type Reading, seen, unknown, valueIn } from "../core/observe/state.ts"
import { changedFiles, type InstalledTexts } from "../core/plan/report-of.ts"
import type { Deployment } from "./deployment.ts"

/** What gonka-ha renders is far shorter; what somebody else has put there is not read to its end. */
const MAX_BYTES = 512 * 1024
const TIMEOUT_MS = 15_000

/** Prints the beginning of each file in base64, one per line. Arguments: directory, bytes, paths. */
const READ = `set -u
cd "$1" && bytes=$2 && shift 2 || exit 1
for path; do
  head -c "$bytes" "$path" 2>/dev/null | base64 | tr -d '\\n'
  echo
done`

type Eyes = Pick<Deployment, "topology" | "files" | "fleet" | "sha256">

/** Reads the installed files that differ from what is rendered, all hosts at once; never a secret, since none is rendered. */
export async function installedTexts(eyes: Eyes, observed: Observed): Promise<InstalledTexts> {
  const hosts = eyes.topology.hosts.map(({ name }) => ({ name, paths: changedFiles(eyes.files, observed, name) }))
  return new Map(
    await Promise.all(
      hosts
        .filter(({ paths }) => paths.length > 0)
        .map(async ({ name, paths }) => [name, await textsOn(eyes, observed, name, paths)] as const),
    ),
  )
}

async function textsOn(
  { topology, fleet, sha256 }: Eyes,
  observed: Observed,
  host: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, Reading<string>>> {
  const all = (reason: string) => new Map(paths.map((path) => [path, unknown(reason)]))
  try {
    const argv = ["sh", "-c", READ, "read-installed", topology.dir, String(MAX_BYTES), ...paths]
    const result = await fleet.host(host).run(argv, { timeoutMs: TIMEOUT_MS })
    if (result.code !== 0) return all(`it could not be read: ${result.stderr.trim()}`)
    const lines = result.stdout.split("\n")
    const digests = valueIn(observed.hosts.get(host))?.files
    return new Map(
      paths.map((path, index) => {
        const text = textOf(lines[index])
        return [path, text !== undefined && sha256(text) === digests?.get(path) ? seen(text) : unknown(NOT_WHOLE)]
      }),
    )
  } catch (error) {
    return all(`it could not be read: ${reasonOf(error)}`)
  }
}

const NOT_WHOLE = "the installed file is no text, is too long, or changed while it was read"

/** Undefined for what is not UTF-8. */
function textOf(line: string | undefined): string | undefined {
  if (line === undefined) return undefined
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(base64.decode(line))
  } catch {
    return undefined
  }
}
