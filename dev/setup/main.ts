import { ensureSetup } from "./ensure-setup.ts"

const setup = await ensureSetup((line) => process.stderr.write(`${line}\n`))
process.stdout.write(`${JSON.stringify(setup.images)}\n`)
