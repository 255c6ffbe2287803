import { parse } from "yaml"
import { LABEL } from "../render/compose.ts"
import { sameValue } from "../same-value.ts"

/** One setting of a service's definition, in Compose's words, such as `image` or `environment.HTTP_PROXY`. */
export type KeyDifference = { readonly key: string; readonly before: string | undefined; readonly after: string | undefined }

/**
 * What differs in the definition of one service between two compose files.
 * @returns undefined when one of them is no compose file, or does not have the service
 */
export function serviceDifference(service: string, installed: string, rendered: string): readonly KeyDifference[] | undefined {
  const [before, after] = [definitionIn(installed, service), definitionIn(rendered, service)]
  if (before === undefined || after === undefined) return undefined
  return differences("", before, after).filter(({ key }) => key !== `labels.${LABEL.digest}`)
}

/** The digest that a compose file gives a service's container; undefined when it does not have the service. */
export function digestIn(compose: string, service: string): string | undefined {
  const labels = definitionIn(compose, service)?.labels
  const digest = isMap(labels) ? labels[LABEL.digest] : undefined
  return typeof digest === "string" ? digest : undefined
}

export type Definition = Readonly<Record<string, unknown>>

function definitionIn(compose: string, service: string): Definition | undefined {
  return definitionsIn(compose)?.get(service)
}

/**
 * Every service of a compose file. What stands on a host may have been edited by anybody; what does not parse tells nothing.
 * @returns undefined when it is no compose file
 */
export function definitionsIn(compose: string): ReadonlyMap<string, Definition> | undefined {
  try {
    const file: unknown = parse(compose, { version: "1.1", prettyErrors: false })
    const services = isMap(file) ? file.services : undefined
    if (!isMap(services)) return undefined
    return new Map(Object.entries(services).flatMap(([name, definition]) => (isMap(definition) ? [[name, definition]] : [])))
  } catch {
    return undefined
  }
}

function differences(above: string, before: Definition, after: Definition): readonly KeyDifference[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  return keys.flatMap((name) => {
    const [old, now] = [before[name], after[name]]
    if (sameValue(old, now)) return []
    if (isMap(old) && isMap(now)) return differences(`${above}${name}.`, old, now)
    return [{ key: `${above}${name}`, before: textOf(old), after: textOf(now) }]
  })
}

function textOf(value: unknown): string | undefined {
  return value === undefined ? undefined : typeof value === "string" ? value : JSON.stringify(value)
}

function isMap(value: unknown): value is Definition {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
