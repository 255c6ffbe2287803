import type { Rendered } from "../app/render.ts"

const SIGN = { added: "+", changed: "~", removed: "-" } as const

/** What `gonka-ha render` wrote, or with `--check` what it would write. */
export function renderedText({ dir, changes }: Rendered): string {
  if (changes.length === 0) return `${dir} is up to date\n`
  return `${changes.map(({ path, change }) => `${SIGN[change]} ${dir}/${path}`).join("\n")}\n`
}
