import type { MeasuredDestroy } from "../app/destroy.ts"
import { layout } from "../core/render/layout.ts"
import { wrappedRow } from "./wrapped-row.ts"

export function destroyPlanText({ node, parts, dataBytes }: MeasuredDestroy, withData: boolean): string {
  return `${[
    `Plan: destroy ${node}`,
    ...parts.flatMap(({ host, containers }) => {
      const size = dataBytes.get(host)
      const data = `chain data in ${layout.node.home(node)}/data, ${size === undefined ? "of unknown size" : `${size} bytes`}`
      return [
        `  ${host}`,
        ...containers.flatMap(({ name, status }) => row("remove", `container ${name} (${status})`)),
        ...row("aside", `rendered files in ${layout.node.config(node)}`),
        ...row(withData ? "remove" : "keep", data),
        ...row("keep", `keys in ${layout.secrets.node(node)} and ${layout.secrets.parking(node)}`),
      ]
    }),
  ].join("\n")}\n`
}

function row(what: string, of: string): readonly string[] {
  return wrappedRow([2, 6, 66], [[""], [what], [of]])
}
