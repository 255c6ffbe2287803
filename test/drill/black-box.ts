import { collectSignerLogs } from "./collect-signer-logs.ts"
import { standing } from "./host-facts.ts"
import { journalLines, operations } from "./journals.ts"
import type { Site } from "./site.ts"

const LAST_COMMANDS = 4
const LAST_JOURNALS = 2
const LAST_LINES = 25

/** After a failed test: what was said, what stands, what the signers wrote. It never hides the failure behind one of its own. */
export async function dumpBlackBox(site: Site | undefined, test: string): Promise<void> {
  if (!site) return
  const { operator, lab } = site
  const parts: (readonly [string, () => Promise<string>])[] = [
    ["last commands", async () => operator.heard.slice(-LAST_COMMANDS).map(heardText).join("\n")],
    ["status", async () => (await operator.run(["status"])).stdout],
    [
      "journals",
      async () => (await Promise.all((await operations(operator)).slice(-LAST_JOURNALS).map((name) => journalText(site, name)))).join("\n"),
    ],
    ["standing", async () => JSON.stringify(await standing(lab), undefined, 1)],
    [
      "signers",
      async () => (await collectSignerLogs(lab)).map(({ host, container, text }) => `${host} ${container}\n${tail(text)}`).join("\n"),
    ],
  ]
  for (const [name, look] of parts) {
    const text = await look().catch((error: unknown) => `not to be had: ${String(error)}`)
    process.stderr.write(`--- ${test}: ${name}\n${text}\n`)
  }
}

function heardText({ args, answer }: Site["operator"]["heard"][number]): string {
  return `$ gonka-ha ${args.slice(0, 6).join(" ")}\nexit ${answer.code}\n${answer.stderr}${answer.stdout}`
}

async function journalText({ operator }: Site, operation: string): Promise<string> {
  const lines = await journalLines(operator, operation)
  return [operation, ...lines.map((line) => JSON.stringify(line))].join("\n")
}

function tail(text: string): string {
  return text.trimEnd().split("\n").slice(-LAST_LINES).join("\n")
}
