import type { Writable } from "node:stream"
import type { Outlet } from "../core/ports.ts"

/** A stream of this process as an outlet. */
export function outletTo(stream: Writable & { readonly isTTY?: boolean }): Outlet {
  let isGone = false
  stream.on("error", () => {
    isGone = true
  })
  return {
    isTerminal: stream.isTTY === true,
    write: (piece) =>
      new Promise((resolve) => {
        if (isGone || stream.destroyed) return resolve(false)
        stream.write(piece, (error) => resolve(!error && !isGone))
      }),
  }
}
