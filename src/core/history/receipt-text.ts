import { durationText } from "../duration.ts"
import { stateText } from "../observe/signer-state.ts"
import type { Receipt } from "../receipt.ts"

/** A receipt for people: what the move was, what it cost, and how that is known. */
export function receiptText(receipt: Receipt): string {
  const { number, kind, validator, from, to, stopped } = receipt
  return [
    `receipt ${number}: ${kind} of ${validator}: ${from ?? "nowhere"} -> ${to}`,
    `  last height signed through ${from ?? "the old node"}: ${signedText(receipt.lastSignedThroughOld)}`,
    `  first height signed through ${to}: ${signedText(receipt.firstSignedThroughNew)}`,
    `  blocks missed: ${votesText(receipt)}`,
    `  jail budget left: ${receipt.jailBudgetLeftBlocks === undefined ? "unknown" : `${receipt.jailBudgetLeftBlocks} blocks`}`,
    ...(stopped ? [`  signer stopped at h/r/s ${stateText(stopped)} on ${receipt.signerHost}`] : []),
    `  began ${receipt.began}, ended ${receipt.ended}, by ${receipt.by}`,
  ].join("\n")
}

/** With the steps, the files it was made from, and the receipt before it. */
export function wholeReceiptText(receipt: Receipt): string {
  const { previous, spec, steps, notes } = receipt
  return [
    receiptText(receipt),
    `  operation ${receipt.operation}`,
    ...spec.map(({ file, sha256 }) => `  made from ${file}, SHA-256 ${sha256}`),
    `  receipt before it: ${previous === null ? "none, this is the first" : `SHA-256 ${previous}`}`,
    ...(steps.length === 0 ? [] : ["", "  how it went (UTC):"]),
    ...steps.map((step) => `  ${stepLine(step)}`),
    ...(notes.length === 0 ? [] : ["", "  notes:"]),
    ...notes.map((note) => `  - ${note}`),
  ].join("\n")
}

function signedText({ log, commits, agree }: Receipt["lastSignedThroughOld"]): string {
  if (commits === undefined) return log === undefined ? "none seen" : `none seen in commits, ${log} in the signer's log`
  switch (agree) {
    case "unknown":
      return `${commits} (commits; the signer's log does not tell)`
    case true:
      return log === commits || log === undefined
        ? `${commits} (commits and the signer's log agree)`
        : `${commits} (commits and the signer's log agree; its vote for ${log} came too late)`
    case false:
      return `${commits} by the commits, BUT THE SIGNER'S LOG SAYS ${log ?? "nothing of it"}: look for another signer`
  }
}

function votesText({ missed, nil, commitsRead }: Receipt): string {
  if (!missed || !commitsRead) return "unknown, no commit could be read"
  const count = missed.length === 0 ? "0" : `${missed.length} (${missed.join(", ")})`
  const unread = commitsRead.unread.length === 0 ? "" : `, ${commitsRead.unread.length} could not be read`
  return `${count} of ${commitsRead.from} to ${commitsRead.to}${nil?.length ? `, signed nil: ${nil.join(", ")}` : ""}${unread}`
}

function stepLine({ title, began, tookMs, result, said }: Receipt["steps"][number]): string {
  const mark = { done: "✓", failed: "✗", "cut off": "?" }[result]
  const took = tookMs === undefined ? "" : ` (${durationText(tookMs)})`
  const end = result === "cut off" ? ": cut off here" : ""
  return `${clockText(began)} ${mark} ${title}${said === undefined ? "" : `: ${said}`}${end}${took}`
}

/** The time of day of a timestamp in ISO form, UTC. */
function clockText(time: string): string {
  return /T([\d:.]+)Z$/.exec(time)?.[1] ?? time
}
