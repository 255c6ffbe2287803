import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff"
import type { Rendered } from "../app/render.ts"

const SIGN = { added: "+", changed: "~", removed: "-" } as const

/** What `gonka-ha render --json` answers with. */
export type RenderedAnswer = {
  readonly dir: string
  /** False with `--check`, which only tells what would change. */
  readonly written: boolean
  readonly changes: readonly { readonly path: string; readonly change: "added" | "changed" | "removed" }[]
}

export function renderedAnswer({ dir, changes }: Rendered, written: boolean): RenderedAnswer {
  return { dir, written, changes: changes.map(({ path, change }) => ({ path, change })) }
}

/** What `gonka-ha render` wrote. */
export function renderedText({ dir, changes }: Rendered): string {
  if (changes.length === 0) return `${dir} is up to date\n`
  return `${changes.map(({ path, change }) => `${SIGN[change]} ${dir}/${path}`).join("\n")}\n`
}

/** What it would write: the same list, and every changed file line by line. */
export function staleText(rendered: Rendered): string {
  const diffs = rendered.changes.flatMap((change) =>
    change.change === "changed"
      ? [
          createTwoFilesPatch(`${rendered.dir}/${change.path}`, "rendered now", change.before, change.after, undefined, undefined, {
            headerOptions: FILE_HEADERS_ONLY,
          }),
        ]
      : [],
  )
  return [renderedText(rendered), ...diffs].join("\n")
}
