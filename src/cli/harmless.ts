import type { Outlet, TakePiece } from "../core/ports.ts"
import { printable } from "../core/printable.ts"

/**
 * What a host prints, for whoever reads it: a program gets every byte as it is, and a terminal nothing that it would obey.
 */
export function harmless(outlet: Outlet): TakePiece {
  if (!outlet.isTerminal) return (piece) => outlet.write(piece)
  const decoder = new TextDecoder()
  return (piece) => outlet.write(decoder.decode(piece, { stream: true }).split(/\r?\n/).map(printable).join("\n"))
}
