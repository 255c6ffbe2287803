import { type ClockShown, clockShown, diskShown } from "./host-facts.ts"
import { fromKernel } from "./kernel-address.ts"
import { parseSignerMove } from "./signer-move.ts"
import { parseSignerState } from "./signer-state.ts"
import type { HostLockSeen, HostSeen, PendingOperation, SignerFiles, SignerPlace, TmkmsProcess } from "./state.ts"

type ProbeFacts = Omit<HostSeen, "containers" | "clock"> & {
  /** What the host's clock showed; undefined when the probe did not tell. */
  readonly clock: ClockShown | undefined
}

/**
 * Reads the answer of `templates/probe.sh`.
 * @param marked validators by the names of their marks: what is recorded outside of the deployment counts as much as what is inside
 * @throws Error when the answer is cut short: half an answer must not look like an empty host.
 */
export function parseProbe(text: string, marked: ReadonlyMap<string, string> = new Map()): ProbeFacts {
  const rows = text
    .split("\n")
    .filter((row) => row !== "")
    .map((row) => row.split("\t"))
  if (rows.at(-1)?.[0] !== "end") throw new Error("the answer of the host's probe is cut short")
  let clock: ClockShown | undefined
  let disk = diskShown("", "")
  let isRoot: boolean | undefined
  const lock = new Map<string, string>()
  const files = new Map<string, string>()
  const owners = new Map<string, string>()
  const started = new Map<string, string>()
  const privvalPorts = new Map<string, number>()
  const signerFacts = new Map<string, Map<string, string>>()
  const factsOf = (validator: string) => signerFacts.get(validator) ?? new Map<string, string>()
  const tmkms: TmkmsProcess[] = []
  const places = new Map<string, SignerPlace>()
  const placeAt = (deployment: string, validator: string): SignerPlace =>
    places.get(`${deployment}/${validator}`) ?? { deployment, validator, pubkey: undefined, holdsKey: false }
  for (const [kind, a = "", b = "", c = "", d = ""] of rows) {
    if (kind === "clock") clock = clockShown(a, b)
    if (kind === "user") isRoot = a === "0" ? true : a === "" ? undefined : false
    if (kind === "disk") disk = diskShown(a, b)
    if (kind === "lock") lock.set(a, b.trim())
    if (kind === "file") files.set(a, b)
    if (kind === "owner") owners.set(a, b.trim())
    if (kind === "started") started.set(a, b.trim())
    if (kind === "privval") privvalPorts.set(a, Number(b))
    if (kind === "signer") signerFacts.set(a, factsOf(a).set(b, c.trim()))
    const validator = kind === "mark" ? marked.get(a) : undefined
    if (validator !== undefined) signerFacts.set(validator, factsOf(validator).set(`marked ${b}`, c.trim()))
    if (kind === "pin") places.set(`${a}/${b}`, { ...placeAt(a, b), pubkey: c === "" ? undefined : c })
    if (kind === "key") places.set(`${a}/${b}`, { ...placeAt(a, b), holdsKey: true })
    if (kind === "tmkms") {
      tmkms.push({
        pid: Number(a),
        containerId: b === "" ? undefined : b,
        connections: c
          .split(" ")
          .filter((remote) => remote !== "")
          .map(fromKernel),
        config: d.trim(),
      })
    }
  }
  const signers = new Map(
    [...signerFacts].map(([validator, facts]) => [validator, signerFiles(facts, files.get(`secrets/signers/${validator}/consensus.key`))]),
  )
  return { isRoot, lock: hostLock(lock), clock, disk, files, owners, started, privvalPorts, signers, places: [...places.values()], tmkms }
}

function hostLock(facts: ReadonlyMap<string, string>): HostLockSeen {
  return { epoch: Number(facts.get("epoch") ?? 0), heldBy: facts.get("held"), kept: facts.get("kept") }
}

function signerFiles(facts: ReadonlyMap<string, string>, keySha256: string | undefined): SignerFiles {
  const state = facts.get("state")
  const operation = facts.get("operation.json")
  return {
    aim: facts.get("aim"),
    floor: highest(facts.get("floor"), facts.get("marked floor")),
    fence: facts.get("fence") ?? facts.get("marked fence"),
    lockedBy: facts.get("locked"),
    epoch: Number(facts.get("epoch") ?? 0),
    // Written by gonka-ha in one rename, so it is whole or absent.
    operation: operation === undefined ? undefined : (JSON.parse(operation) as PendingOperation),
    move: parseSignerMove(facts.get("move") ?? ""),
    state: state === undefined ? { kind: "missing" } : parseSignerState(state),
    keySha256,
  }
}

/** The guard goes by the higher record, and refuses one that is no number. */
function highest(...records: readonly (string | undefined)[]): number | undefined {
  const present = records.filter((record) => record !== undefined)
  return present.length > 0 && present.every((record) => /^\d+$/.test(record)) ? Math.max(...present.map(Number)) : undefined
}
