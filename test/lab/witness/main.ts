import { parseArgs } from "node:util"
import { Witness } from "./witness.ts"

const USAGE = "usage: npx tsx test/lab/witness/main.ts --rpc URL [--rpc URL]… --pubkey BASE64 [--from HEIGHT] [--to HEIGHT]"

const { values } = parseArgs({
  options: {
    rpc: { type: "string", multiple: true },
    pubkey: { type: "string" },
    from: { type: "string" },
    to: { type: "string" },
  },
})

if (values.rpc === undefined || values.pubkey === undefined) {
  process.stderr.write(`${USAGE}\n`)
  process.exitCode = 64
} else {
  const witness = new Witness({ rpc: values.rpc, publicKeyBase64: values.pubkey })
  const to = values.to === undefined ? await witness.judgedTip() : Number(values.to)
  const from = values.from === undefined ? Math.max(1, to - 99) : Number(values.from)
  const testimony = await witness.testify(from, to)
  process.stdout.write(`${JSON.stringify(testimony, undefined, 2)}\n`)
  // A double sign is the one answer that no script may overlook.
  if (testimony.doubleSigns.length > 0 || testimony.tombstoned) process.exitCode = 5
}
