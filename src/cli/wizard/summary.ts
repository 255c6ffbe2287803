import type { InitRequest, PreparedInit } from "../../app/init.ts"
import type { PlannedValidator } from "../../app/init-keys.ts"
import { issueLine } from "../../core/issue.ts"
import { shellQuote } from "../../core/shell-quote.ts"
import { residents } from "./open-places.ts"

/** What `init` is about to make, before it does. */
export function summaryText({ preset }: InitRequest, prepared: PreparedInit): string {
  const { file, deployment, spec, validators, placeholders, warnings } = prepared
  const width = Math.max(...Object.keys(spec.hosts).map((name) => name.length))
  const open = [...new Set(placeholders.map(({ path }) => path.join(".").replace(/\.\d+$/, "")))]
  return [
    `deployment ${deployment}: the shape ${preset} on ${spec.profile}`,
    ...Object.keys(spec.hosts).map((name) => `  ${name.padEnd(width)}  ${residents(spec, name).join(", ")}`),
    ...validators.map(validatorLine),
    `writes ${file}, beside it .gitignore, and below .gonka-ha the keys that are missing`,
    ...(open.length === 0 ? [] : ["left for you to fill in:", ...open.map((path) => `  ${path}`)]),
    ...warnings.map(issueLine),
  ].join("\n")
}

function validatorLine({ name, origin, state }: PlannedValidator): string {
  const sealed = state === undefined ? "" : `; nothing below height ${state.sealedAt} can be signed`
  switch (origin.kind) {
    case "made":
      return `validator ${name}: a new consensus key${sealed}`
    case "kept":
      return `validator ${name}: the key of an earlier init, ${origin.pubkey}${sealed}`
    case "imported":
      return `validator ${name}: the imported key ${origin.pubkey}${sealed}`
    case "elsewhere":
      return `validator ${name}: its key is in a device or behind a reference${sealed}`
  }
}

/** The command that does the same without a question. */
export function sameCommand(request: InitRequest): string {
  const options: readonly (readonly [string, string])[] = [
    ["--preset", request.preset],
    ...(request.profile === undefined ? [] : [["--profile", request.profile] as const]),
    ...(request.name === undefined ? [] : [["--name", request.name] as const]),
    ...(request.keyFiles ?? []).map((file) => ["--import-consensus-key", file] as const),
    ...(request.stateFiles ?? []).map((file) => ["--import-state", file] as const),
    ...request.settings.map((setting) => ["--set", setting] as const),
    ...(request.file === "gonka-ha.yaml" ? [] : [["-f", request.file] as const]),
  ]
  return ["gonka-ha init", ...options.map(([option, value]) => `${option} ${shellQuote(value)}`)].join(" ")
}
