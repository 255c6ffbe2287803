import { readFileSync } from "node:fs"

/** A process is named by its id and its start time, because ids are used again. */
export type ProcessIdentity = { readonly pid: number; readonly startTicks: string }

export function identityOfThisProcess(): ProcessIdentity {
  return { pid: process.pid, startTicks: startTicksOf(process.pid) ?? "unknown" }
}

export function isAlive(identity: ProcessIdentity): boolean {
  const startTicks = startTicksOf(identity.pid)
  if (startTicks !== undefined) return startTicks === identity.startTicks || identity.startTicks === "unknown"
  return identity.startTicks === "unknown" && answersSignalZero(identity.pid)
}

/** Field 22 of /proc/PID/stat; the command name before it may hold spaces and brackets, so count from its end. */
function startTicksOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]
  } catch {
    return undefined
  }
}

function answersSignalZero(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
