import { main } from "../../src/main.ts"

/** The command line as a process of its own, without a build: `command-line.ts ARGUMENT…`. */
await main(process.argv.slice(2))
