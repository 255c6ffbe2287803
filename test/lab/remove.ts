import { removeLab } from "./remove-lab.ts"

const ids = process.argv.slice(2)
if (ids.length === 0) {
  process.stderr.write("usage: npx tsx test/lab/remove.ts LAB-ID…\n")
  process.exitCode = 64
}
for (const id of ids) {
  await removeLab(id)
  process.stderr.write(`lab ${id} is removed\n`)
}
