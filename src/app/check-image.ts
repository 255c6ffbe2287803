import { AppError, EXIT, reasonOf } from "../core/errors.ts"
import { nearestName } from "../core/nearest-name.ts"
import { compareWithInit, type InitFiles, type KeyDifference } from "../core/node-keys/compare-with-init.ts"
import { INIT_MONIKER } from "../core/node-keys/node-key.ts"
import { isNodeVersion, NODE_VERSIONS, type NodeVersion, nodeKeys } from "../core/node-keys/versions.ts"
import type { HostAccess, RunResult } from "../core/ports.ts"
import type { ChainSettings, Host, Topology, Versions } from "../core/topology.ts"

/** The part of a deployment that a check looks at. */
export type ImageSite = {
  readonly topology: {
    readonly hosts: readonly Pick<Host, "name">[]
    readonly chain: Pick<ChainSettings, "binary">
    readonly versions: Pick<Versions, "node">
    readonly images: Pick<Topology["images"], "node">
  }
  readonly fleet: { host(name: string): Pick<HostAccess, "run"> }
}

/** What is not given is taken from the topology; the host is then its first. */
export type CheckImageRequest = {
  readonly image?: string | undefined
  readonly host?: string | undefined
  readonly binary?: string | undefined
  readonly version?: string | undefined
}

type Checked = { readonly image: string; readonly host: string; readonly binary: string; readonly version: NodeVersion }

export type ImageCheck = Checked & {
  readonly settings: number
  readonly differences: readonly KeyDifference[]
  /** Other versions whose tables are exactly what the image writes. */
  readonly equalTo: readonly NodeVersion[]
}

/** Lets the image's own binary write its two files, and compares them with the version's tables. Nothing of the deployment is touched. */
export async function checkImage({ topology, fleet }: ImageSite, request: CheckImageRequest): Promise<ImageCheck> {
  const checked = whatToCheck(topology, request)
  const written = await initFiles(fleet, checked)
  try {
    const keys = nodeKeys(checked.version)
    const others = NODE_VERSIONS.filter((version) => version !== checked.version)
    return {
      ...checked,
      settings: keys.config.size + keys.app.size,
      differences: compareWithInit(keys, written),
      equalTo: others.filter((version) => compareWithInit(nodeKeys(version), written).length === 0),
    }
  } catch (error) {
    throw refused(`${checked.binary} of ${checked.image} wrote settings that are not TOML: ${reasonOf(error)}`, error)
  }
}

function whatToCheck(topology: ImageSite["topology"], request: CheckImageRequest): Checked {
  const hosts = topology.hosts.map(({ name }) => name)
  const host = request.host ?? hosts[0] ?? ""
  if (!hosts.includes(host)) throw unknownName("host", host, hosts)
  const version = request.version ?? topology.versions.node
  if (!isNodeVersion(version)) throw unknownName("version", version, NODE_VERSIONS)
  return { image: request.image ?? topology.images.node, host, binary: request.binary ?? topology.chain.binary, version }
}

function unknownName(what: string, name: string, known: readonly string[]): AppError {
  const nearest = nearestName(name, known)
  const guess = nearest === undefined ? "" : `; did you mean ${nearest}?`
  return new AppError("USAGE", EXIT.usage, `there is no ${what} ${name}${guess}`, { hint: `${what}s: ${known.join(", ")}` })
}

const SEPARATOR = "=== app.toml ==="
/** Exit codes of the script below; the engine's own are 125 to 127. */
const NO_PROGRAM = 3
const NO_FILES = 4

/** Arguments: the binary, the moniker, what is printed between the two files. */
const INIT = `set -u
command -v "$1" >/dev/null || exit ${NO_PROGRAM}
home=$(mktemp -d) || exit ${NO_FILES}
"$1" init "$2" --home "$home" >"$home/said" 2>&1 || { tail -n 20 "$home/said" >&2; exit ${NO_FILES}; }
cat "$home/config/config.toml" || exit ${NO_FILES}
printf '\\n%s\\n' "$3"
cat "$home/config/app.toml" || exit ${NO_FILES}`

/** The image may have to be pulled first. */
const PULL_AND_RUN_MS = 15 * 60_000

async function initFiles(fleet: ImageSite["fleet"], { image, host, binary }: Checked): Promise<InitFiles> {
  // The image is a stranger here: it gets no network, no rights and no file of the host.
  const shut = ["--network", "none", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
  const docker = ["docker", "run", "--rm", "--quiet", ...shut, "--entrypoint", "sh", "--", image]
  const result = await fleet
    .host(host)
    .run([...docker, "-c", INIT, "check-image", binary, INIT_MONIKER, SEPARATOR], { timeoutMs: PULL_AND_RUN_MS })
  if (result.code !== 0) throw failure(result, { image, host, binary })
  const [config, app] = result.stdout.split(`\n${SEPARATOR}\n`)
  if (config === undefined || app === undefined) throw refused(`${binary} of ${image} on ${host} printed something else than its two files`)
  return { config, app }
}

function failure(result: RunResult, { image, host, binary }: Omit<Checked, "version">): AppError {
  switch (result.code) {
    case NO_PROGRAM:
      return refused(`${image} on ${host} has no program ${binary}: name the node's program with --binary`)
    case NO_FILES:
      return refused(`${binary} of ${image} on ${host} does not write its settings on \`init\`: ${telling(result.stderr)}`)
    default:
      return new AppError("ENGINE", EXIT.unreachable, `docker on ${host} cannot run ${image}: ${telling(result.stderr)}`, {
        hint: `try \`docker pull ${image}\` on ${host}`,
      })
  }
}

function refused(message: string, cause?: unknown): AppError {
  return new AppError("REFUSED", EXIT.refused, message, { cause })
}

/** The line that says what went wrong, without the advice on how to call the program that often follows it. */
function telling(stderr: string): string {
  const lines = stderr
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.includes("--help"))
  return lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? "it gave no reason"
}
