import { type ClockShown, clockShown, diskShown } from "./host-facts.ts"
import { fromKernel } from "./kernel-address.ts"
import { parseSignerState } from "./signer-state.ts"
import type { HostSeen, PendingOperation, SignerFiles, SignerPlace, TmkmsProcess } from "./state.ts"

type ProbeFacts = Omit<HostSeen, "containers" | "clock"> & {
  /** What the host's clock showed; undefined when the probe did not tell. */
  readonly clock: ClockShown | undefined
}

/**
 * Reads the answer of `templates/probe.sh`.
 * @throws Error when the answer is cut short: half an answer must not look like an empty host.
 */
export function parseProbe(text: string): ProbeFacts {
  const rows = text
    .split("\n")
    .filter((row) => row !== "")
    .map((row) => row.split("\t"))
  if (rows.at(-1)?.[0] !== "end") throw new Error("the answer of the host's probe is cut short")
  let clock: ClockShown | undefined
  let disk = diskShown("", "")
  const files = new Map<string, string>()
  const owners = new Map<string, string>()
  const signerFacts = new Map<string, Map<string, string>>()
  const tmkms: TmkmsProcess[] = []
  const places = new Map<string, SignerPlace>()
  const placeAt = (deployment: string, validator: string): SignerPlace =>
    places.get(`${deployment}/${validator}`) ?? { deployment, validator, pubkey: undefined, holdsKey: false }
  for (const [kind, a = "", b = "", c = "", d = ""] of rows) {
    if (kind === "clock") clock = clockShown(a, b)
    if (kind === "disk") disk = diskShown(a, b)
    if (kind === "file") files.set(a, b)
    if (kind === "owner") owners.set(a, b.trim())
    if (kind === "signer") signerFacts.set(a, (signerFacts.get(a) ?? new Map<string, string>()).set(b, c.trim()))
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
  return { clock, disk, files, owners, signers, places: [...places.values()], tmkms }
}

function signerFiles(facts: ReadonlyMap<string, string>, keySha256: string | undefined): SignerFiles {
  const state = facts.get("state")
  const floor = facts.get("floor")
  const operation = facts.get("operation.json")
  return {
    aim: facts.get("aim"),
    floor: floor !== undefined && /^\d+$/.test(floor) ? Number(floor) : undefined,
    fence: facts.get("fence"),
    epoch: Number(facts.get("epoch") ?? 0),
    // Written by gonka-ha in one rename, so it is whole or absent.
    operation: operation === undefined ? undefined : (JSON.parse(operation) as PendingOperation),
    state: state === undefined ? { kind: "missing" } : parseSignerState(state),
    keySha256,
  }
}
