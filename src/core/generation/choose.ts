import type { Issue } from "../issue.ts"
import type { FileSet, Sha256 } from "../render/fileset.ts"
import { digestsOf, type Manifest, setDigest } from "./manifest.ts"

/** What a host keeps of earlier pushes. */
export type KeptOnHost = {
  /** Complete generations, the newest first; the first one is what was last installed as a whole. */
  readonly kept: readonly Manifest[]
  /** A push that was begun and is not known to have ended. */
  readonly pushing: Manifest | undefined
}

export type Kept = ReadonlyMap<string, KeptOnHost>

/** What all hosts were to hold after one operation. */
export type WantedState = Pick<Manifest, "operation" | "at" | "by" | "wanted" | "hosts">

/** Where the files of one host come from: a generation that it keeps, or what is rendered now, which is the same. */
export type Source = { readonly kind: "kept"; readonly manifest: Manifest } | { readonly kind: "rendered" }

export type Choice = { readonly state: WantedState; readonly sources: ReadonlyMap<string, Source> }

/** Every state that hosts know of, the newest first; one that was returned to stands where it was returned to. */
export function statesOf(kept: Kept): readonly WantedState[] {
  const manifests = [...kept.values()].flatMap((host) => [...host.kept, ...(host.pushing ? [host.pushing] : [])])
  const newestFirst = manifests.toSorted((a, b) => (a.at === b.at ? 0 : a.at < b.at ? 1 : -1))
  return newestFirst.filter((one, index) => newestFirst.findIndex(({ wanted }) => wanted === one.wanted) === index)
}

/**
 * The state to return to, and where each host's files of it are. Without a name it is the one before the last, or, where a rollback was left
 * half-way, the one to which that was going.
 * @param to the operation that installed it
 */
export function chooseGeneration(
  kept: Kept,
  rendered: FileSet,
  to: string | undefined,
  sha256: Sha256,
): Choice | { readonly refused: readonly Issue[] } {
  const states = statesOf(kept)
  const state = to === undefined ? stateBefore(kept, states, sha256) : stateNamed(kept, to)
  if (state === undefined) return { refused: [to === undefined ? nothingKept(states) : unknownName(to)] }
  const found = [...rendered.keys()].map((host) => [host, sourceOn(kept, rendered, state, host, sha256)] as const)
  const refused = [
    ...found.flatMap(([host, source]) => (source === undefined ? [notKept(state, host)] : [])),
    ...Object.keys(state.hosts).flatMap((host) => (rendered.has(host) ? [] : [hasLeft(state, host)])),
  ]
  if (refused.length > 0) return { refused }
  return { state, sources: new Map(found.flatMap(([host, source]) => (source ? [[host, source]] : []))) }
}

function stateBefore(kept: Kept, states: readonly WantedState[], sha256: Sha256): WantedState | undefined {
  const [last, before] = states
  if (last === undefined) return undefined
  return last.operation.endsWith("-rollback") && !isWhole(kept, last, sha256) ? last : before
}

/** Whether no host is still on its way to a state; one that keeps nothing of it had nothing to change for it. */
function isWhole(kept: Kept, state: WantedState, sha256: Sha256): boolean {
  return [...kept].every(([host, { kept: list, pushing }]) => {
    const at = list.findIndex(({ files }) => setDigest(files, sha256) === state.hosts[host])
    return at <= 0 && pushing === undefined
  })
}

function stateNamed(kept: Kept, to: string): WantedState | undefined {
  return [...kept.values()].flatMap((host) => host.kept).find(({ operation }) => operation === to)
}

/** By content: an operation installs nothing on a host that has its files already. */
function sourceOn(kept: Kept, rendered: FileSet, state: WantedState, host: string, sha256: Sha256): Source | undefined {
  const digest = state.hosts[host]
  if (digest === undefined) return undefined
  const manifest = kept.get(host)?.kept.find(({ files }) => setDigest(files, sha256) === digest)
  if (manifest) return { kind: "kept", manifest }
  return setDigest(digestsOf(rendered.get(host)?.files ?? []), sha256) === digest ? { kind: "rendered" } : undefined
}

const BY_FILE = "put the topology file back as it was, from your version control, and run `gonka-ha up`"

function nothingKept(states: readonly WantedState[]): Issue {
  const message =
    states[0] === undefined
      ? "no host keeps a generation: none was installed by a gonka-ha that keeps them"
      : `the hosts keep only what ${states[0].operation} installed, and nothing from before`
  return { severity: "error", path: "hosts", message, fix: BY_FILE }
}

function unknownName(to: string): Issue {
  return { severity: "error", path: to, message: "no host keeps a generation of this name", fix: "see `gonka-ha rollback --list`" }
}

function notKept(state: WantedState, host: string): Issue {
  const message =
    state.hosts[host] === undefined
      ? `it was no host of the deployment at ${state.operation}`
      : `it does not keep the files that it had at ${state.operation}`
  return { severity: "error", path: host, message, fix: BY_FILE }
}

function hasLeft(state: WantedState, host: string): Issue {
  return { severity: "error", path: host, message: `it was a host at ${state.operation}, and the file has it no more`, fix: BY_FILE }
}
