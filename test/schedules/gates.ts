// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of source text

/** A check on which a rule rests: its exact text, and what stands there when it is taken away. */
export type Gate = {
  readonly name: string
  readonly file: string
  readonly remove: string
  readonly put: string
  /** Further checks of the same thing, which would stand in for the first. */
  readonly also?: readonly { readonly file: string; readonly remove: string; readonly put: string }[]
}

const GUARD = "test/schedules/world/guard.ts"
const SECTION = "test/schedules/world/section.ts"

/** Each of them is taken away in turn, and the schedules must break then (`npm run schedules:mutate`). */
export const GATES: readonly Gate[] = [
  {
    name: "the guard heeds the fence in the deployment's directory",
    file: GUARD,
    remove: "if (disk.has(`${control}/fence`)) return",
    put: "if (false) return",
  },
  {
    name: "the guard heeds the fence among the marks of the key",
    file: GUARD,
    remove: "if (disk.has(`${marks}/fence`)) return",
    put: "if (false) return",
  },
  {
    name: "the guard lets one process sign with a key",
    file: GUARD,
    remove: "if (!lockIsFree()) return",
    put: "if (false && !lockIsFree()) return",
  },
  {
    name: "the guard starts nothing without a state",
    file: GUARD,
    remove: "if (state === undefined) return refuse(`the signer's state ${stateFile} is missing: never start without it`)",
    put: "if (state === undefined) return { height: 0, aim: disk.word(`${control}/aim`) ?? '' }",
  },
  {
    name: "the guard starts nothing below the floor",
    file: GUARD,
    remove: "if (height < floor) return",
    put: "if (false && height < floor) return",
  },
  {
    name: "the guard counts the floor among the marks",
    file: GUARD,
    remove: "const floor = Math.max(...floors.map(Number))",
    put: "const floor = Number(floors[0])",
  },
  {
    name: "the section changes nothing for a command that was overtaken",
    file: SECTION,
    remove: 'if ((disk.word(`${this.#control}/epoch`) ?? "0") !== this.#arg("epoch"))',
    put: "if (false)",
  },
  {
    name: "the section changes nothing for a command that has lost the lock",
    file: SECTION,
    remove: 'if (!locks.isHeld(`${this.#arg("dir")}/lock/${this.#arg("validator")}/lock`))\n      return',
    put: "if (false)\n      return",
  },
  {
    name: "the section compares the signer's state with what the new node has",
    file: SECTION,
    remove: 'if (this.#stateHeight() > Number(this.#arg("gate")))\n      return',
    put: "if (false)\n      return",
  },
  {
    name: "the section starts the signer again where it was",
    file: SECTION,
    remove: 'if (from === "") return this.#endDown(because)',
    put: "return this.#endDown(because)",
  },
  {
    name: "a parking signer waits until the port is its own",
    file: "test/schedules/world/host.ts",
    remove: 'if (this.disk.word(owner) !== "parking") timeline.after(1000, look)',
    put: "if (false) timeline.after(1000, look)",
  },
  {
    name: "up acts only on a plan that nobody has overtaken",
    file: "src/app/lock.ts",
    remove: "if (expected !== undefined && epoch !== expected + 1) {",
    put: "if (false) {",
  },
  {
    name: "up leaves the port of the active node to its signer",
    file: "src/core/plan/up.ts",
    remove: 'if (who.kind === "active") return [who.node]',
    put: 'if (who.kind === "active") return []',
  },
  {
    name: "the port of the new node is given to the validator's signer",
    file: "src/core/plan/swap.ts",
    remove: "return [...create(now), ...prepare, givePort(now), detach,",
    put: "return [...create(now), ...prepare, detach,",
  },
  {
    name: "the parking signer is gone before the signer comes",
    file: "src/app/steps/standby.ts",
    remove: "await host.kill(container)",
    put: "",
  },
  {
    name: "the signer is only moved to a node that has what its state covers",
    file: "src/app/steps/signer-move.ts",
    remove: "if (height !== undefined && height >= state.height) return height",
    put: "if (height !== undefined) return state.height",
    also: [
      {
        file: "src/app/steps/standby.ts",
        remove: "if (run >= (args.blocks ?? 0) && working > needed) return",
        put: "if (height > 0) return",
      },
    ],
  },
  {
    name: "a node to which another validator has moved is not parked",
    file: "src/core/plan/promote.ts",
    remove: "const isTaken = from !== undefined && rivalAt(topology, observed, validator, from) !== undefined",
    put: "const isTaken = false",
  },
  {
    name: "no validator is moved to another one's node",
    file: "src/core/plan/preflight/target.ts",
    remove: "const rival = rivalAt(topology, observed, validator, to)",
    put: "const rival = undefined as ReturnType<typeof rivalAt>",
    also: [
      {
        file: "src/app/carry-out.ts",
        remove: "refuseTaken(topology, observed, validator, begun.to)",
        put: "",
      },
      {
        file: "src/app/steps/standby.ts",
        remove: 'if (args.owner === "parking") await refuseWhileSigned(deployment, node)',
        put: "",
      },
    ],
  },
]
