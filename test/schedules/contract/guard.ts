import { expect } from "vitest"

/** A signer's files as a guard finds them: key right, state at height 120, floors 100, aimed at node-1, unless a test changes them. */
export type GuardBench = {
  write(
    file: "control/fence" | "marks/fence" | "control/floor" | "marks/floor" | "control/aim" | "control/tip" | "state" | "key",
    text: string,
  ): void
  remove(file: "control/floor" | "marks/floor" | "control/aim" | "state" | "key"): void
  /** Another process holds the key's lock. */
  holdLock(): Promise<void>
  nowS(): number
  /** What the guard says at a start: a refusal's words, or `starts`. */
  start(): Promise<string>
}

export type GuardRule = { readonly name: string; readonly given: (bench: GuardBench) => void | Promise<void>; readonly says: string }

const state = (height: number) =>
  `{"height":"${height}","round":"0","step":2,"block_id":{"hash":"AB","part_set_header":{"total":1,"hash":"CD"}}}`

/** What `templates/guard.sh` and its model must agree on. */
export const GUARD_RULES: readonly GuardRule[] = [
  { name: "everything in order", given: () => {}, says: "starts" },
  { name: "a fence in the deployment", given: (bench) => bench.write("control/fence", "by hand\n"), says: "fenced: by hand" },
  { name: "a fence among the marks", given: (bench) => bench.write("marks/fence", "by hand\n"), says: "fenced: by hand" },
  {
    name: "another process with the key",
    given: (bench) => bench.holdLock(),
    says: "another process on this host already signs with this key",
  },
  { name: "no key", given: (bench) => bench.remove("key"), says: "is missing or empty" },
  { name: "another key", given: (bench) => bench.write("key", "another"), says: "the key file belongs to another validator" },
  { name: "no state", given: (bench) => bench.remove("state"), says: "is missing: never start without it" },
  { name: "half a state", given: (bench) => bench.write("state", state(120).slice(0, 40)), says: "is damaged" },
  { name: "a round that is a number", given: (bench) => bench.write("state", state(120).replace('"0"', "0")), says: "is damaged" },
  { name: "a state at the floor", given: (bench) => bench.write("state", state(100)), says: "starts" },
  {
    name: "a state below both floors",
    given: (bench) => bench.write("state", state(99)),
    says: "below the recorded floor 100: it was rolled back",
  },
  { name: "a higher floor among the marks", given: (bench) => bench.write("marks/floor", "121\n"), says: "below the recorded floor 121" },
  {
    name: "a higher floor in the deployment",
    given: (bench) => bench.write("control/floor", "121\n"),
    says: "below the recorded floor 121",
  },
  { name: "a floor among the marks alone", given: (bench) => bench.remove("control/floor"), says: "starts" },
  { name: "a floor in the deployment alone", given: (bench) => bench.remove("marks/floor"), says: "starts" },
  {
    name: "no floor at all",
    given: (bench) => {
      bench.remove("control/floor")
      bench.remove("marks/floor")
    },
    says: "is missing",
  },
  {
    name: "a chain that is far below",
    given: (bench) => bench.write("control/tip", `50 ${bench.nowS()}\n`),
    says: "is at height 120, but the chain was at 50",
  },
  { name: "a chain that is near", given: (bench) => bench.write("control/tip", `118 ${bench.nowS()}\n`), says: "starts" },
  {
    name: "a chain whose height is long known",
    given: (bench) => bench.write("control/tip", `50 ${bench.nowS() - 600}\n`),
    says: "starts",
  },
  { name: "no aim", given: (bench) => bench.remove("control/aim"), says: "does not say which node to serve" },
  {
    name: "an aim at a stranger",
    given: (bench) => bench.write("control/aim", "node-9\n"),
    says: "node-9 is not a candidate of this validator",
  },
]

export async function expectSays(bench: GuardBench, { given, says }: GuardRule): Promise<void> {
  await given(bench)
  expect(await bench.start()).toContain(says)
}

export const STATE_AT_120 = state(120)
