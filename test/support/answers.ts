import type { Placeholder } from "../../src/app/init-draft.ts"
import { settingText } from "../../src/core/spec/edit.ts"

/** What an operator might write at a placeholder: every host and every image gets a value of its own. */
export function answerAt(path: readonly string[], index: number): string | readonly string[] {
  const [section, name, setting] = path
  if (section === "images") return `example/${name}@sha256:${"1".repeat(64)}`
  if (section === "hosts" && setting === "ssh") return `root@${name}`
  if (section === "hosts" && setting === "private") return `10.0.0.${index + 10}`
  if (section === "hosts" && setting === "public") return `198.51.100.${index + 10}`
  const dotted = path.slice(0, 3).join(".")
  if (dotted.startsWith("chain.genesis.rpc")) return ["http://10.1.0.1:26657", "http://10.1.0.2:26657"]
  if (dotted.startsWith("chain.peers")) return [`${"1".repeat(40)}@10.1.0.1:26656`]
  if (dotted === "chain.id") return "lab-1"
  throw new Error(`nobody but a profile knows ${path.join(".")}`)
}

/** The same as words for `--set`. */
export function settingsFor(placeholders: readonly Pick<Placeholder, "path">[]): string[] {
  return placeholders.map(({ path }, index) =>
    settingText(
      path.filter((part) => !/^\d+$/.test(part)),
      answerAt(path, index),
    ),
  )
}
