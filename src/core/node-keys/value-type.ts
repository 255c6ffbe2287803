import type { KeyType } from "./node-key.ts"

const GO_DURATION = /^(0|(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+)$/

const LEVEL = "(trace|debug|info|warn|error|fatal|panic|disabled)"
const ONE_LEVEL = new RegExp(`^${LEVEL}$`, "i")
const MODULE_LEVEL = new RegExp(`^([^:,]+):${LEVEL}$`, "i")

/** A bare level cannot stand in a list, though CometBFT alone once took it for the default: the node does not start on it. */
function areLevels(text: string): boolean {
  if (ONE_LEVEL.test(text)) return true
  const modules = text.split(",").map((item) => MODULE_LEVEL.exec(item)?.[1])
  return modules.every((module) => module !== undefined) && new Set(modules).size === modules.length
}

export function isOfType(type: KeyType, value: unknown): boolean {
  switch (type.kind) {
    case "string":
      return typeof value === "string"
    case "choice":
      return typeof value === "string" && type.values.includes(value)
    case "integer":
      return typeof value === "number" && Number.isSafeInteger(value) && (type.negative || value >= 0)
    case "digits":
      // A patch may leave the quotes out: the node reads both.
      return typeof value === "string" ? /^\d+$/.test(value) : isOfType({ kind: "integer", negative: false }, value)
    case "boolean":
      return typeof value === "boolean"
    case "duration":
      return typeof value === "string" && GO_DURATION.test(value)
    case "list":
      return Array.isArray(value) && value.every((item) => typeof item === "string")
    case "pairs":
      return Array.isArray(value) && value.every((item) => isOfType({ kind: "list" }, item) && item.length === 2)
    case "levels":
      return typeof value === "string" && areLevels(value)
  }
}

/** What a key takes, in words that follow "must be". */
export function typeText(type: KeyType): string {
  switch (type.kind) {
    case "string":
      return "a text"
    case "choice":
      return type.values.length === 1 ? `${type.values[0]}` : `one of ${type.values.join(", ")}`
    case "integer":
      return type.negative ? "a whole number" : "a whole number from 0"
    case "digits":
      return "a whole number from 0"
    case "boolean":
      return "true or false"
    case "duration":
      return "a duration such as 500ms or 1m30s"
    case "list":
      return "a list of texts"
    case "pairs":
      return "a list of pairs of texts"
    case "levels":
      return 'one level such as info, or a level for each module such as "*:info,p2p:error"'
  }
}
