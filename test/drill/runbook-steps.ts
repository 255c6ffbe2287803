/** One command block of a runbook, and the host that the words above it name. */
export type HandBlock = { readonly host: string; readonly block: string }

/** A numbered step of a move by hand, with the words that a person reads. */
export type HandStep = { readonly number: number; readonly words: string; readonly blocks: readonly HandBlock[] }

/** The steps below `### VALIDATOR to NODE`, as they stand in the text. */
export function runbookSteps(text: string, section: string): readonly HandStep[] {
  const start = text.indexOf(`\n### ${section}\n`)
  if (start < 0) throw new Error(`the runbook has no section ${section}`)
  const rest = text.slice(start + 1)
  const end = rest.slice(4).search(/^##/m)
  const body = end < 0 ? rest : rest.slice(0, end + 4)
  return body
    .split(/^(?=\*\*\d\. )/m)
    .slice(1)
    .map((step) => ({ number: Number(step.slice(2, 3)), words: step, blocks: blocksIn(step) }))
}

function blocksIn(step: string): readonly HandBlock[] {
  const named = /^\*\*\d\. On ([a-z0-9-]+)\*\*/.exec(step)?.[1]
  return [...step.matchAll(/(?:^[a-z0-9-]+, on ([a-z0-9-]+):\n\n)?```sh\n([\s\S]*?)\n```/gm)].map(([, own, block = ""]) => {
    const host = own ?? named
    if (host === undefined) throw new Error(`no host is named for: ${block}`)
    return { host, block }
  })
}
