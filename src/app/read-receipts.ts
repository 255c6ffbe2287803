import { base64 } from "@scure/base"
import { reasonOf } from "../core/errors.ts"
import type { NotedDigest } from "../core/history/chain-differences.ts"
import { journalLines } from "../core/history/journal-line.ts"
import type { ReceiptCopy, ReceiptFile } from "../core/history/merge-receipts.ts"
import { type Reading, seen, unknown } from "../core/observe/state.ts"
import { layout } from "../core/render/layout.ts"
import type { Validator } from "../core/topology.ts"
import type { Deployment } from "./deployment.ts"

/** What one place has of a validator's history. */
export type History = ReceiptCopy & { readonly noted: readonly NotedDigest[] }

export const THIS_MACHINE = "this machine"

/** One line per receipt, and per line of a journal that tells of one. Arguments: directory of the receipts, directory of the journals. */
const READ = `set -u
for file in "$1"/*.json; do
  if [ -f "$file" ]; then printf 'receipt %s %s\\n' "$(base64 < "$file" | tr -d '\\n')" "\${file##*/}"; fi
done
for file in "$2"/*.jsonl; do
  [ -f "$file" ] || continue
  operation=\${file##*/}
  grep '"at":"receipt"' "$file" | while IFS= read -r line; do printf 'journal %s %s\\n' "\${operation%.jsonl}" "$line"; done
done
echo end`

const TIMEOUT_MS = 20_000
const JOURNAL = ".jsonl"

/** Receipts on the operator's machine, of the validator with this name in this deployment. */
export function receiptsDir({ stateDir }: Pick<Deployment, "stateDir">, validator: Validator): string {
  return `${stateDir}/receipts/${validator.name}`
}

export async function historyHere(deployment: Pick<Deployment, "local" | "stateDir">, validator: Validator): Promise<History> {
  const { local, stateDir } = deployment
  const dir = receiptsDir(deployment, validator)
  const names = (await local.list(dir)).filter((name) => name.endsWith(".json"))
  // A file that is no text at all must show as a damaged receipt, not end the command.
  const files = await Promise.all(names.map(async (name) => ({ name, text: await local.readText(`${dir}/${name}`).catch(reasonOf) })))
  const journals = (await local.list(`${stateDir}/journal`)).filter((name) => name.endsWith(JOURNAL))
  const noted = await Promise.all(
    journals.map(async (name) => {
      const text = await local.readText(`${stateDir}/journal/${name}`).catch(() => "")
      return notedIn(name.slice(0, -JOURNAL.length), text, validator)
    }),
  )
  return { place: THIS_MACHINE, files, noted: noted.flat() }
}

export async function historyOnSignerHost(
  { fleet, topology }: Pick<Deployment, "fleet" | "topology">,
  validator: Validator,
): Promise<Reading<History>> {
  const dirs = [layout.signer.receipts(validator.name), layout.signer.journal(validator.name)].map((dir) => `${topology.dir}/${dir}`)
  try {
    const result = await fleet.host(validator.signerHost).run(["sh", "-c", READ, "read-receipts", ...dirs], { timeoutMs: TIMEOUT_MS })
    const lines = result.stdout.split("\n").slice(0, -1)
    if (result.code !== 0 || lines.pop() !== "end") return unknown(result.stderr.trim() || "the answer was cut off")
    return seen({
      place: validator.signerHost,
      files: lines.flatMap(fileIn),
      noted: lines.flatMap((line) => {
        const [, operation, text] = /^journal (\S+) (.*)$/.exec(line) ?? []
        return operation === undefined || text === undefined ? [] : notedIn(operation, text, validator)
      }),
    })
  } catch (error) {
    return unknown(reasonOf(error))
  }
}

function fileIn(line: string): ReceiptFile[] {
  const [, bytes, name] = /^receipt (\S*) (.+)$/.exec(line) ?? []
  // A mark at the beginning of a text is a change as well.
  return bytes === undefined || name === undefined
    ? []
    : [{ name, text: new TextDecoder("utf-8", { ignoreBOM: true }).decode(base64.decode(bytes)) }]
}

function notedIn(operation: string, text: string, { name }: Validator): NotedDigest[] {
  return journalLines([text]).flatMap(({ at, validator, number, sha256 }) =>
    at === "receipt" && validator === name && number !== undefined && sha256 !== undefined ? [{ operation, number, sha256 }] : [],
  )
}
