import { base64 } from "@scure/base"
import { reasonOf } from "../core/errors.ts"
import { type Reading, seen, unknown } from "../core/observe/state.ts"
import type { HostAccess } from "../core/ports.ts"
import type { Sha256 } from "../core/render/fileset.ts"

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

/** Reads files below a directory of a host. @param digests by path: what has not the digest that is expected is unknown */
export function readTexts(
  access: HostAccess,
  dir: string,
  digests: ReadonlyMap<string, string | undefined>,
  sha256: Sha256,
): Promise<ReadonlyMap<string, Reading<string>>> {
  return readFiles(access, dir, [...digests.keys()], (path, text) => (sha256(text) === digests.get(path) ? undefined : NOT_WHOLE))
}

/** Reads files of which it is not known what they hold. What is empty is unknown: an absent file looks like that. */
export function readUnknownTexts(access: HostAccess, dir: string, paths: readonly string[]): Promise<ReadonlyMap<string, Reading<string>>> {
  return readFiles(access, dir, paths, (_, text) => (text === "" ? "it is not there, or may not be read" : undefined))
}

async function readFiles(
  access: HostAccess,
  dir: string,
  paths: readonly string[],
  fault: (path: string, text: string) => string | undefined,
): Promise<ReadonlyMap<string, Reading<string>>> {
  const all = (reason: string) => new Map(paths.map((path) => [path, unknown(reason)]))
  try {
    const argv = ["sh", "-c", READ, "read-installed", dir, String(MAX_BYTES), ...paths]
    const result = await access.run(argv, { timeoutMs: TIMEOUT_MS })
    if (result.code !== 0) return all(`it could not be read: ${result.stderr.trim()}`)
    const lines = result.stdout.split("\n")
    return new Map(
      paths.map((path, index) => {
        const text = textOf(lines[index])
        const reason = text === undefined ? NOT_WHOLE : fault(path, text)
        return [path, text === undefined || reason !== undefined ? unknown(reason ?? NOT_WHOLE) : seen(text)]
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
