import { expect } from "vitest"
import { sealedState } from "../../../src/core/observe/signer-state.ts"

export type VoteAsked = { readonly height: number; readonly round: number; readonly step: 0 | 1 | 2; readonly content: string }

/** A tmkms with a state file, and the node that asks it. */
export type TmkmsBench = {
  /** Starts it on the state file's text, or without one; false when it exits by itself. */
  start(state: string | undefined): Promise<boolean>
  ask(vote: VoteAsked): Promise<"signed" | "double-sign" | "regression">
  /** The state file as it stands. */
  state(): Promise<string | undefined>
}

type Rule = { readonly name: string; readonly holds: (bench: TmkmsBench) => Promise<void> }

const at = (height: number, round: number, step: 0 | 1 | 2, content = "A".repeat(64)): VoteAsked => ({ height, round, step, content })
const OTHER = "B".repeat(64)
const NIL = ""

async function heightOf(bench: TmkmsBench): Promise<number | undefined> {
  const text = await bench.state()
  return text === undefined ? undefined : Number((JSON.parse(text) as { height: string }).height)
}

/** `signing.md` 2.2 and 9.5, as they must hold for the fake and for the real one. */
export const TMKMS_RULES: readonly Rule[] = [
  {
    name: "makes height 0 of a missing state, and signs",
    holds: async (bench) => {
      expect(await bench.start(undefined)).toBe(true)
      expect(await heightOf(bench)).toBe(0)
      expect(await bench.ask(at(7, 0, 1))).toBe("signed")
      expect(await heightOf(bench)).toBe(7)
    },
  },
  {
    name: "refuses a lower height, round and step by hanging up",
    holds: async (bench) => {
      expect(await bench.start(sealedState(10))).toBe(true)
      expect(await bench.ask(at(12, 1, 2))).toBe("signed")
      expect(await bench.ask(at(11, 5, 2))).toBe("regression")
      expect(await bench.ask(at(12, 0, 2))).toBe("regression")
      expect(await bench.ask(at(12, 1, 1))).toBe("regression")
      expect(await heightOf(bench)).toBe(12)
    },
  },
  {
    name: "refuses another vote at the same height, round and step, and goes on",
    holds: async (bench) => {
      await bench.start(sealedState(10))
      expect(await bench.ask(at(12, 0, 1))).toBe("signed")
      expect(await bench.ask(at(12, 0, 1, OTHER))).toBe("double-sign")
      expect(await bench.ask(at(12, 0, 1, NIL))).toBe("double-sign")
      expect(await bench.ask(at(12, 0, 2))).toBe("signed")
    },
  },
  {
    name: "signs the same vote again",
    holds: async (bench) => {
      await bench.start(sealedState(10))
      expect(await bench.ask(at(12, 0, 2))).toBe("signed")
      expect(await bench.ask(at(12, 0, 2))).toBe("signed")
    },
  },
  {
    name: "signs a precommit for nil after a prevote for a block, but not for another block",
    holds: async (bench) => {
      await bench.start(sealedState(10))
      expect(await bench.ask(at(12, 0, 1))).toBe("signed")
      expect(await bench.ask(at(12, 0, 2, OTHER))).toBe("double-sign")
      expect(await bench.ask(at(12, 0, 2, NIL))).toBe("signed")
    },
  },
  {
    name: "signs nothing below a sealed height",
    holds: async (bench) => {
      await bench.start(sealedState(50))
      expect(await bench.ask(at(49, 0, 2))).toBe("regression")
      expect(await bench.ask(at(51, 0, 1))).toBe("signed")
    },
  },
  ...[
    { name: "is cut short", state: '{"height":"12","rou' },
    { name: "has no block id", state: '{"height":"12","round":"0","step":2}' },
    { name: "has a round that is a number", state: '{"height":"12","round":0,"step":2,"block_id":null}' },
  ].map(
    ({ name, state }): Rule => ({
      name: `exits when its state ${name}`,
      holds: async (bench) => expect(await bench.start(state)).toBe(false),
    }),
  ),
]
