import { expect } from "vitest"
import type { SignerMove } from "../../../src/core/observe/signer-move.ts"

/** A signer's host: the signer runs for node-1 at state 1000/0/2 under epoch 4, its lock is held, and both nodes can be reached. */
export type SectionBench = {
  /** The guard refuses to start the signer for this node. */
  guardRefuses(node: string): void
  /** The signer dials this node in vain. */
  cutOff(node: string): void
  epoch(epoch: string): void
  fence(): void
  loseLock(): Promise<void>
  loseState(): void
  /** Another section is at work. */
  otherSection(): Promise<void>
  aim(): string | undefined
  /** The section's record, or undefined when it has not begun. */
  move(changes: Readonly<Record<string, string | undefined>>): Promise<SignerMove | undefined>
}

export type SectionRule = {
  readonly name: string
  readonly given?: (bench: SectionBench) => void | Promise<void>
  readonly changes?: Readonly<Record<string, string | undefined>>
  readonly at: SignerMove["at"] | undefined
  /** Where the signer is aimed afterwards. */
  readonly aim: string
  readonly reason?: string
}

const both = (bench: SectionBench) => {
  bench.guardRefuses("node-1")
  bench.guardRefuses("node-2")
}

/** What `templates/move-signer.sh` and its model must agree on. */
export const SECTION_RULES: readonly SectionRule[] = [
  { name: "everything in order", at: "to", aim: "node-2", reason: "" },
  { name: "a state above the gate", changes: { gate: "999" }, at: "from", aim: "node-1", reason: "node-2 was only seen at height 999" },
  {
    name: "a state above the gate and no way back",
    changes: { gate: "999", from: undefined, from_address: undefined },
    at: "stopped",
    aim: "node-1",
  },
  {
    name: "a guard that refuses at the new node",
    given: (bench) => bench.guardRefuses("node-2"),
    at: "from",
    aim: "node-1",
    reason: "the signer did not start",
  },
  { name: "a guard that refuses at both", given: both, at: "stopped", aim: "node-1", reason: "at node-1: the signer did not start" },
  {
    name: "a new node that cannot be reached",
    given: (bench) => bench.cutOff("node-2"),
    changes: { connect_s: "1" },
    at: "from",
    aim: "node-1",
    reason: "the signer did not reach node-2",
  },
  {
    name: "a new node that cannot be reached and no way back",
    given: (bench) => bench.cutOff("node-2"),
    changes: { connect_s: "1", from: undefined, from_address: undefined },
    at: "to",
    aim: "node-2",
    reason: "the signer did not reach node-2",
  },
  {
    name: "no node that can be reached",
    given: (bench) => {
      bench.cutOff("node-1")
      bench.cutOff("node-2")
    },
    changes: { connect_s: "1" },
    at: "from",
    aim: "node-1",
    reason: "the signer did not reach node-1",
  },
  {
    name: "a command that was overtaken",
    given: (bench) => bench.epoch("5"),
    at: "untouched",
    aim: "node-1",
    reason: "another operation has begun since",
  },
  {
    name: "a lock that was lost",
    given: (bench) => bench.loseLock(),
    at: "untouched",
    aim: "node-1",
    reason: "the lock on this signer was lost",
  },
  { name: "a fence", given: (bench) => bench.fence(), at: "untouched", aim: "node-1", reason: "the signer is fenced" },
  { name: "no state", given: (bench) => bench.loseState(), at: "stopped", aim: "node-1", reason: "missing or damaged" },
  { name: "another section at work", given: (bench) => bench.otherSection(), at: undefined, aim: "node-1" },
]

export async function expectEnd(bench: SectionBench, { given, changes = {}, at, aim, reason = "" }: SectionRule): Promise<void> {
  await given?.(bench)
  const move = await bench.move(changes)
  expect([move?.at, bench.aim()]).toEqual([at, aim])
  expect(move?.reason ?? "").toContain(reason)
}
