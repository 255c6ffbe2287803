import { base64 } from "@scure/base"
import { AppError, EXIT, reasonOf } from "../core/errors.ts"
import type { Kept, KeptOnHost, Source } from "../core/generation/choose.ts"
import { type Manifest, manifestOf, parseManifest } from "../core/generation/manifest.ts"
import { previousFiles } from "../core/generation/previous-files.ts"
import type { HostFiles } from "../core/render/fileset.ts"
import { layout } from "../core/render/layout.ts"
import type { Deployment } from "./deployment.ts"
import type { Run } from "./execute.ts"
import { readTexts } from "./read-texts.ts"

/** Of a host, besides the one that is installed. */
export const KEPT_GENERATIONS = 3
const TIMEOUT_MS = 60_000

/**
 * Makes the files of a push that is complete a generation: copied beside, compared, brought to the disk, and renamed in one piece. One that is
 * there already with the same content is replaced by the newer one. Nothing outside of .previous is written or removed.
 */
const KEEP = `keep() {
  pushing=.previous/pushing next=.previous/next
  [ -s "$pushing/sums" ] && sha256sum -c "$pushing/sums" >/dev/null 2>&1 || return 1
  id=$(cat "$pushing/id") || return 1
  case $id in [0-9]*) ;; *) return 1 ;; esac
  case $id in *[!A-Za-z0-9-]*) return 1 ;; esac
  rm -rf "$next"
  mkdir -p "$next/files" || return 1
  cut -c 67- "$pushing/sums" | while read -r path; do
    case $path in */*) [ -d "$next/files/\${path%/*}" ] || mkdir -p "$next/files/\${path%/*}" || exit 1 ;; esac
    cp "$path" "$next/files/$path" || exit 1
  done || return 1
  cp "$pushing/manifest.json" "$pushing/sums" "$next/" || return 1
  (cd "$next/files" && sha256sum -c ../sums >/dev/null 2>&1) || return 1
  find "$next" -exec sync {} + || return 1
  for old in .previous/[0-9]*; do
    [ -d "$old" ] || continue
    if [ "$old" = ".previous/$id" ] || cmp -s "$old/sums" "$next/sums"; then rm -rf "$old"; fi
  done
  mv "$next" ".previous/$id" || return 1
  sync .previous
  rm -rf "$pushing"
  ls -d .previous/[0-9]* | sort -r | tail -n +${KEPT_GENERATIONS + 2} | while read -r old; do rm -rf "$old"; done
}`

/**
 * Before the first file is replaced: what is to be installed is written down, so that a push that stops half-way is known to be half. One that
 * was complete, and whose end nobody could record, becomes a generation first. Arguments: directory, id. Input: the manifest in one line, and
 * then the files as sha256sum writes them.
 */
const BEGIN = `set -eu
umask 077
(umask 022; mkdir -p "$1")
cd "$1"
mkdir -p .previous
${KEEP}
[ ! -e .previous/pushing ] || keep || true
new=.previous/pushing.new
rm -rf "$new"
mkdir "$new"
printf '%s\\n' "$2" > "$new/id"
cat > "$new/all"
sed -n 1p "$new/all" > "$new/manifest.json"
sed 1d "$new/all" > "$new/sums"
rm "$new/all"
find "$new" -exec sync {} +
rm -rf .previous/pushing
mv "$new" .previous/pushing
sync .previous`

/** After the last file: what is installed now is complete. Argument: directory. */
const END = `set -eu
umask 077
cd "$1"
${KEEP}
keep || { echo "what is installed is not what was pushed, or it could not be copied" >&2; exit 1; }`

const LIST = `set -u
cd "$1/.previous" 2>/dev/null || exit 0
tell() { printf '%s\\t' "$1"; head -c 262144 "$2/manifest.json" | base64 | tr -d '\\n'; echo; }
for kept in [0-9]*; do [ -s "$kept/manifest.json" ] && tell kept "$kept"; done
[ -s pushing/manifest.json ] && tell pushing pushing
exit 0`

/** Says on a host what is to be installed there, before the first file of it is. @throws AppError REMOTE_COMMAND, when nothing has been replaced yet */
export async function beginGeneration({ deployment, operation }: Pick<Run, "deployment" | "operation">, host: string): Promise<void> {
  const { topology, files, fleet, clock, operator, sha256 } = deployment
  const made = { operation, at: new Date(clock.wallMs()).toISOString(), by: operator }
  const manifest = manifestOf(files, host, made, sha256)
  const sums = Object.entries(manifest.files).map(([path, digest]) => `${digest}  ${path}\n`)
  const stdin = `${JSON.stringify(manifest)}\n${sums.join("")}`
  const argv = ["sh", "-c", BEGIN, "begin-generation", topology.dir, operation]
  const { code, stderr } = await fleet.host(host).run(argv, { stdin, timeoutMs: TIMEOUT_MS })
  if (code !== 0)
    throw new AppError("REMOTE_COMMAND", EXIT.halfWay, `what is to be installed on ${host} could not be written down: ${stderr.trim()}`)
}

/** Keeps what is installed now as a generation. What runs is worth more than a way back, so a failure is only told. */
export async function endGeneration({ topology, fleet, report }: Deployment, host: string): Promise<void> {
  const told = (reason: string) =>
    report({ kind: "note", host, text: `${host}: the files are installed, and no copy is kept for a later rollback: ${reason}` })
  try {
    const { code, stderr } = await fleet.host(host).run(["sh", "-c", END, "end-generation", topology.dir], { timeoutMs: TIMEOUT_MS })
    if (code !== 0) told(stderr.trim())
  } catch (error) {
    told(reasonOf(error))
  }
}

/** What every host keeps. @throws AppError HOST_UNREACHABLE, REMOTE_COMMAND */
export async function keptGenerations({ topology, fleet }: Deployment): Promise<Kept> {
  return new Map(
    await Promise.all(
      topology.hosts.map(async ({ name }) => {
        const argv = ["sh", "-c", LIST, "list-generations", topology.dir]
        const { code, stdout, stderr } = await fleet.host(name).run(argv, { timeoutMs: TIMEOUT_MS })
        if (code !== 0)
          throw new AppError("REMOTE_COMMAND", EXIT.unreachable, `the generations on ${name} cannot be read: ${stderr.trim()}`)
        return [name, keptOnHost(stdout)] as const
      }),
    ),
  )
}

/** A manifest that cannot be read is none: its files are not returned to. */
function keptOnHost(text: string): KeptOnHost {
  const told = (kind: string): Manifest[] =>
    text.split("\n").flatMap((line) => {
      const [what, content = ""] = line.split("\t")
      const manifest = what === kind ? parseManifest(decoded(content)) : undefined
      return manifest ? [manifest] : []
    })
  return { kept: told("kept").sort((a, b) => (a.operation < b.operation ? 1 : -1)), pushing: told("pushing")[0] }
}

function decoded(content: string): string {
  try {
    return new TextDecoder().decode(base64.decode(content))
  } catch {
    return ""
  }
}

/** A host's files of a generation, each compared with its digest. @throws AppError REFUSED naming what cannot be read */
export async function filesOfGeneration({ topology, files, fleet, sha256 }: Deployment, host: string, source: Source): Promise<HostFiles> {
  const rendered = files.get(host)
  if (source.kind === "rendered" && rendered) return rendered
  const manifest = source.kind === "kept" ? source.manifest : undefined
  const dir = `${topology.dir}/${layout.previous}/${manifest?.operation}/files`
  const digests = new Map(Object.entries(manifest?.files ?? {}))
  const texts = await readTexts(fleet.host(host), dir, digests, sha256)
  const broken = [...texts].flatMap(([path, text]) => (text.kind === "seen" ? [] : [path]))
  const found = [...texts].flatMap(([path, text]) =>
    text.kind === "seen" ? [{ path, content: text.value, sha256: digests.get(path) ?? "" }] : [],
  )
  const previous = broken.length === 0 ? previousFiles(host, found) : undefined
  if (previous) return previous
  throw new AppError(
    "REFUSED",
    EXIT.refused,
    `the generation ${manifest?.operation} on ${host} is damaged: ${broken[0] ?? layout.compose}`,
    {
      hint: "choose another one of `gonka-ha rollback --list`, or put the topology file back as it was and run `gonka-ha up`",
    },
  )
}
