import { availableParallelism } from "node:os"
import { parseArgs } from "node:util"
import { GATES } from "../test/schedules/gates.ts"
import { survivors } from "./schedules/mutate.ts"

// `npm run schedules:mutate [-- --runs N --gate TEXT]`: takes each gate away in turn; the schedules must notice.

const { values } = parseArgs({ options: { runs: { type: "string" }, gate: { type: "string" } } })
const gates = GATES.filter(({ name }) => values.gate === undefined || name.includes(values.gate))
const left = await survivors(gates, Number(values.runs ?? 3000), availableParallelism(), (line) => console.log(line))
console.log(`${gates.length} gates taken away one by one, ${left.length} not missed by anybody`)
for (const { name } of left) console.log(`nobody notices: ${name}`)
process.exitCode = left.length > 0 ? 1 : 0
