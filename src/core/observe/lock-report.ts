import * as z from "zod"
import { EXIT } from "../errors.ts"
import { lockOwnerText, parseLockOwner } from "../lock-owner.ts"
import type { Topology } from "../topology.ts"
import type { HostSeen, Reading } from "./state.ts"

const lock = {
  state: z
    .enum(["free", "held", "kept", "unknown"])
    .describe("held: by a running command; kept: until somebody releases it; unknown: the host could not be asked."),
  owner: z.string().optional().describe("user@machine; left out where it is free or not known."),
  since: z.string().optional().describe("When it was taken, by the clock of whoever took it."),
  reason: z.string().optional().describe("The command that holds it, why it is kept, or why it is not known."),
  epoch: z.int().optional().describe("Grows with everyone who takes it; left out where it is not known."),
}

/** The answer of `gonka-ha lock status --json`. */
export const locksSchema = z.strictObject({
  deployment: z.string(),
  hosts: z.array(z.strictObject({ host: z.string(), ...lock })).describe("Who may change files and containers of each host."),
  signers: z
    .array(z.strictObject({ validator: z.string(), host: z.string(), ...lock }))
    .describe("Who may change who signs, as the signer's host has it; a kept lock on that host holds for it, too."),
  exitCode: z.literal([EXIT.ok, EXIT.unreachable]),
})

export type LocksView = z.output<typeof locksSchema>
export type LockView = Omit<LocksView["hosts"][number], "host">

/** Every lock of a deployment. */
export function locksView(topology: Topology, hosts: ReadonlyMap<string, Reading<HostSeen>>): LocksView {
  const isUnknown = topology.hosts.some(({ name }) => hosts.get(name)?.kind !== "seen")
  return {
    deployment: topology.deployment,
    hosts: topology.hosts.map(({ name }) => ({ host: name, ...lockOf(hosts.get(name), ({ lock: seen }) => seen) })),
    signers: topology.validators.map(({ name, signerHost }) => ({
      validator: name,
      host: signerHost,
      ...lockOf(hosts.get(signerHost), ({ lock: { kept }, signers }) => {
        const files = signers.get(name)
        return { epoch: files?.epoch ?? 0, heldBy: files?.lockedBy, kept }
      }),
    })),
    exitCode: isUnknown ? EXIT.unreachable : EXIT.ok,
  }
}

function lockOf(reading: Reading<HostSeen> | undefined, of: (host: HostSeen) => HostSeen["lock"]): LockView {
  if (reading?.kind !== "seen") return { state: "unknown", reason: reading?.reason ?? "not observed" }
  const { epoch, heldBy, kept } = of(reading.value)
  const text = kept ?? heldBy
  if (text === undefined) return { state: "free", epoch }
  return { state: kept === undefined ? "held" : "kept", ...(parseLockOwner(text) ?? { reason: lockOwnerText(text) }), epoch }
}
