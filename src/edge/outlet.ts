import type { Writable } from "node:stream"
import type { Outlet } from "../core/ports.ts"

type Stream = Writable & { readonly isTTY?: boolean; readonly rows?: number }

const USUAL_ROWS = 24

/** A stream of this process as an outlet. @param mayMove whether the cursor of a terminal may be moved */
export function outletTo(stream: Stream, mayMove = false): Outlet {
  let isGone = false
  stream.on("error", () => {
    isGone = true
  })
  return {
    isTerminal: stream.isTTY === true,
    ...(stream.isTTY && mayMove ? { screen: { rows: () => stream.rows || USUAL_ROWS } } : {}),
    write: (piece) =>
      new Promise((resolve) => {
        if (isGone || stream.destroyed) return resolve(false)
        stream.write(piece, (error) => resolve(!error && !isGone))
      }),
  }
}
