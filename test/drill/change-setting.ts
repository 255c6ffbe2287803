import { editSpec } from "./edit-spec.ts"
import type { Operator } from "./operator.ts"

/** A harmless setting, which no test looks at. Every call gives it another value, so that there is something to do again. */
const FIRST_SIZE = 4000
let calls = 0

/** Changes what is rendered for these nodes, by their places in the file, such as `sentries.sentry-1`: files to install, and a container to replace. */
export async function changeSetting(operator: Operator, nodes: readonly string[]): Promise<void> {
  calls++
  await editSpec(
    operator,
    nodes.map((node) => [[...node.split("."), "config", "mempool", "size"], FIRST_SIZE + calls] as const),
  )
}
