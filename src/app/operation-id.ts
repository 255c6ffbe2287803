import type { Clock } from "../core/ports.ts"

/** Sortable by time and readable: `20261123-101500-promote-main`. */
export function operationId(clock: Clock, what: string): string {
  return `${new Date(clock.wallMs()).toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15)}-${what}`
}
