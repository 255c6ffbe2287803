import type { HostSeen, Observed, SignerFiles, TmkmsProcess } from "../observe/state.ts"
import { whoSigns } from "../observe/who-signs.ts"
import type { Sha256 } from "../render/fileset.ts"
import { sortedMap } from "../sorted-value.ts"
import type { Topology, Validator } from "../topology.ts"

/** One thing that was seen and that a plan may rest upon. */
export type WorldFact = {
  /** A host, or a validator where it is about who signs. */
  readonly at: string
  readonly kind: "host" | "file" | "container" | "owner" | "start" | "port" | "signer" | "place" | "tmkms" | "signs"
  /** Which of its kind; unique there. */
  readonly name: string
  /** What was seen of it, by the name of each property. */
  readonly value: Readonly<Record<string, string>>
}

/**
 * Everything that a plan may rest upon: files, containers, ports' owners, signers and who signs. What changes by itself while nobody does
 * anything is left out: heights, ages, clocks, room on disks, and who holds a lock at the moment.
 */
export function worldFacts(topology: Topology, observed: Observed): readonly WorldFact[] {
  return [
    ...[...observed.hosts].flatMap(([at, reading]) =>
      reading.kind === "unknown" ? [{ at, kind: "host" as const, name: "", value: { answers: "no" } }] : hostFacts(at, reading.value),
    ),
    ...topology.validators.map((validator) => signsFact(topology, observed, validator)),
  ].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

/** A digest over all facts: equal for worlds in which the same was seen, whatever the order in which it was. */
export function worldDigest(facts: readonly WorldFact[], sha256: Sha256): string {
  return sha256(JSON.stringify(facts.map(({ at, kind, name, value }) => [at, kind, name, sortedMap(value)]).sort(byText)))
}

function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1
}

/** Names a fact among all; two worlds are compared by it. */
export function keyOf({ at, kind, name }: Pick<WorldFact, "at" | "kind" | "name">): string {
  return JSON.stringify([at, kind, name])
}

function hostFacts(at: string, host: HostSeen): WorldFact[] {
  return [
    { at, kind: "host", name: "", value: { answers: "yes" } },
    ...[...host.files].map(([name, sha256]) => ({ at, kind: "file" as const, name, value: { sha256 } })),
    ...host.containers.map(({ id, name, deployment, service, role, digest, status }) => ({
      at,
      kind: "container" as const,
      name,
      value: { id, deployment, service, role, digest, status },
    })),
    ...[...host.owners].map(([name, owner]) => ({ at, kind: "owner" as const, name, value: { owner } })),
    ...[...host.started].map(([name, started]) => ({ at, kind: "start" as const, name, value: { started } })),
    ...[...host.privvalPorts].map(([name, port]) => ({ at, kind: "port" as const, name, value: { port: String(port) } })),
    ...[...host.signers].map(([name, files]) => ({ at, kind: "signer" as const, name, value: signerValue(files) })),
    ...host.places.map(({ deployment, validator, pubkey, holdsKey }) => ({
      at,
      kind: "place" as const,
      name: `${validator} of ${deployment}`,
      value: { ...present({ pubkey }), key: holdsKey ? "yes" : "no" },
    })),
    ...tmkmsFacts(at, host.tmkms),
  ]
}

/** The state's height and its floor move on with the chain; whether the state can be used at all does not. */
function signerValue({ aim, fence, epoch, operation, state, keySha256 }: SignerFiles): Readonly<Record<string, string>> {
  return {
    ...present({ aim, fence, operation: operation && JSON.stringify(sortedMap(operation)), "key sha256": keySha256 }),
    epoch: String(epoch),
    state: state.kind === "ok" ? (state.sealed ? "sealed" : "in use") : state.kind === "damaged" ? `damaged: ${state.reason}` : "missing",
  }
}

/** Processes have no name that stays; those of one container, or of none, are counted. */
function tmkmsFacts(at: string, processes: readonly TmkmsProcess[]): WorldFact[] {
  const values = processes
    .map(({ containerId, connections, config }) => ({
      ...present({ container: containerId }),
      config,
      connections: JSON.stringify([...connections].sort()),
    }))
    .sort(byText)
  return values.map((value, index) => ({ at, kind: "tmkms", name: String(index + 1), value }))
}

function signsFact(topology: Topology, observed: Observed, validator: Validator): WorldFact {
  const who = whoSigns(topology, observed, validator)
  const value: Readonly<Record<string, string>> =
    who.kind === "active"
      ? { signer: who.attached ? "running and connected" : "running, not connected", node: who.node }
      : { signer: who.kind, ...present({ node: who.kind === "stopped" ? who.aim : undefined }) }
  return { at: validator.name, kind: "signs", name: validator.name, value }
}

function present(value: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(value).flatMap(([key, text]) => (text === undefined ? [] : [[key, text]])))
}
