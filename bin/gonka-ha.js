#!/usr/bin/env node
import { readFileSync } from "node:fs"

const args = process.argv.slice(2)

// Scripts ask for the version often, so it is answered before anything else is loaded.
if (args.length === 1 && (args[0] === "--version" || args[0] === "-V")) {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))
  process.stdout.write(`${version}\n`)
} else {
  const { main } = await import("../dist/main.js")
  await main(args)
}
