import type { Outlet } from "../core/ports.ts"

/** Where one look after the other is shown. */
export type WatchScreen = {
  /** False when nobody reads any more. */
  show(text: string): Promise<boolean>
  /** Gives the terminal back as it was. */
  end(): Promise<void>
}

/** A page of its own, drawn again in place, where the outlet is a terminal on which that may be done; otherwise one look below the other. */
export function watchScreen(out: Outlet): WatchScreen {
  const { screen } = out
  if (screen === undefined) return { show: (text) => out.write(text), end: async () => {} }
  let isOpen = false
  return {
    show: (text) => {
      const open = isOpen ? "" : OTHER_PAGE
      isOpen = true
      // Each line is cleared behind its end and not before it is written, so that nothing flickers.
      const lines = fitting(text.split("\n"), screen.rows()).map((line) => `${line}${CLEAR_LINE}`)
      return out.write(`${open}${HOME}${lines.join("\n")}${CLEAR_BELOW}`)
    },
    end: async () => {
      if (isOpen) await out.write(FIRST_PAGE)
      isOpen = false
    },
  }
}

/** The page without the cursor; and back to what was there before. */
const OTHER_PAGE = "\u001b[?1049h\u001b[?25l"
const FIRST_PAGE = "\u001b[?25h\u001b[?1049l"
const HOME = "\u001b[H"
const CLEAR_LINE = "\u001b[K"
const CLEAR_BELOW = "\u001b[J"

/** What is too much for the page is counted: a line below the last row would move everything up. */
function fitting(lines: readonly string[], rows: number): readonly string[] {
  if (lines.length <= rows) return lines
  const shown = Math.max(0, rows - 1)
  return [...lines.slice(0, shown), `… and ${lines.length - shown} lines more, for a taller window`]
}
