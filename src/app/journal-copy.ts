import { reasonOf } from "../core/errors.ts"
import { layout } from "../core/render/layout.ts"
import type { Validator } from "../core/topology.ts"
import type { Deployment } from "./deployment.ts"

/*
 * The second copy of a journal, on the signer's host, so that an operator on another machine sees what was done. Lines wait in a queue
 * that one command at a time empties in order; nobody waits for it but who asks to.
 */

export type JournalCopy = {
  /** Queues a line; returns at once. */
  readonly add: (line: string) => void
  /** Waits until nothing is queued, or until it cannot be sent. */
  readonly flush: () => Promise<void>
  /** The copy as it stands, lines of earlier runs included; undefined when it cannot be read. */
  readonly read: () => Promise<string | undefined>
}

/** A line that a crash has torn gets its end first, so that the next one does not hang on to it. */
const APPEND = `set -eu
umask 077
mkdir -p "$(dirname "$1")"
if [ -s "$1" ] && [ -n "$(tail -c 1 "$1")" ]; then echo >> "$1"; fi
cat >> "$1"
sync "$1"`

/** Long for one append, short for a move that waits for it. */
const TIMEOUT_MS = 3000

export function journalCopy(
  { fleet, topology, report }: Pick<Deployment, "fleet" | "topology" | "report">,
  validator: Validator,
  operation: string,
): JournalCopy {
  const path = `${topology.dir}/${layout.signer.journal(validator.name)}/${operation}.jsonl`
  const host = () => fleet.host(validator.signerHost)
  const queue: string[] = []
  let sending: Promise<void> | undefined
  let isBroken = false
  const fail = (reason: string) => {
    if (!isBroken)
      report({ kind: "note", text: `the second copy of the journal on ${validator.signerHost} could not be written: ${reason}` })
    isBroken = true
  }
  const send = async () => {
    while (queue.length > 0) {
      const lines = [...queue]
      try {
        const stdin = lines.map((line) => `${line}\n`).join("")
        const result = await host().run(["sh", "-c", APPEND, "journal-append", path], { stdin, timeoutMs: TIMEOUT_MS })
        if (result.code !== 0) throw new Error(result.stderr.trim() || `exit ${result.code}`)
        queue.splice(0, lines.length)
        isBroken = false
      } catch (error) {
        // What has arrived nevertheless arrives once more later; readers count a line once.
        fail(reasonOf(error))
        break
      }
    }
    sending = undefined
  }
  const start = () => {
    sending ??= send()
    return sending
  }
  return {
    add(line) {
      queue.push(line)
      // A host that did not answer is asked again only where somebody waits for it.
      if (!isBroken) void start()
    },
    flush: async () => {
      await sending
      if (queue.length > 0) await start()
    },
    async read() {
      const result = await host()
        .run(["cat", path], { timeoutMs: TIMEOUT_MS })
        .catch(() => undefined)
      return result?.code === 0 ? result.stdout : undefined
    },
  }
}
