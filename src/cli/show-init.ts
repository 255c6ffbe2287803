import type { Initialised } from "../app/init.ts"
import { issueText } from "../core/issue.ts"

const KEY_SAYS = {
  made: "a new consensus key was made",
  imported: "the consensus key was imported",
  kept: "the consensus key of an earlier init was kept",
} as const

/** What `gonka-ha init` made, what is left to fill in, and the next command. */
export function initText(result: Initialised): string {
  const { validator, placeholders, warnings } = result
  const secrets = result.made.filter((path) => path.includes(".gonka-ha/secrets/")).length
  const listed = result.made.filter((path) => path.endsWith(".yaml") || path.endsWith(".gitignore"))
  const fileOption = result.file === "gonka-ha.yaml" ? "" : ` -f ${result.file}`
  return [
    `deployment ${result.deployment}`,
    ...listed.map((path) => `  wrote ${path}`),
    `  wrote ${secrets} node and parking keys below .gonka-ha/secrets`,
    `validator ${validator.name}: ${KEY_SAYS[validator.key]}`,
    `  public key ${validator.pubkey}`,
    ...(result.sealedAt === undefined ? [] : [`  its state is sealed: nothing below height ${result.sealedAt} can be signed`]),
    ...warnings.map(issueText),
    ...(validator.key === "kept" ? [] : ["Keep a copy of .gonka-ha/secrets/validators offline: this key cannot be made again."]),
    ...(placeholders.length === 0
      ? [`Next: gonka-ha validate${fileOption}`]
      : [
          "Still to be filled in:",
          ...placeholders.map(({ path, place }) => `  ${place ? `${place.file}:${place.line}: ` : ""}${path}`),
          `Next: edit ${result.file}, then gonka-ha validate${fileOption}`,
        ]),
    "",
  ].join("\n")
}
