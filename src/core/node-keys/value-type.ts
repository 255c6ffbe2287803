import type { KeyType } from "./node-key.ts"

const GO_DURATION = /^(0|(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+)$/

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
  }
}
