import type { Initialised, InitialisedValidator } from "../app/init.ts"
import { issueText } from "../core/issue.ts"

const KEY_SAYS = {
  made: "a new consensus key was made",
  imported: "the consensus key was imported",
  kept: "the consensus key of an earlier init was kept",
  elsewhere: "the consensus key is in a device or behind a reference",
} as const satisfies Record<InitialisedValidator["key"], string>

/** What `gonka-ha init` made, what is left to fill in, and the next command. */
export function initText(result: Initialised): string {
  const { validators, placeholders, warnings } = result
  const secrets = result.made.filter((path) => path.includes(".gonka-ha/secrets/")).length
  const others = result.made.filter((path) => !path.includes(".gonka-ha/secrets/"))
  const isNew = validators.some(({ key }) => key === "made" || key === "imported")
  return [
    `deployment ${result.deployment}`,
    ...others.map((path) => `  wrote ${path}`),
    `  wrote ${secrets} node and parking keys below .gonka-ha/secrets`,
    ...validators.flatMap(validatorLines),
    ...warnings.map(issueText),
    ...(isNew ? ["Keep a copy of .gonka-ha/secrets/validators offline: a consensus key cannot be made again."] : []),
    ...(placeholders.length === 0
      ? []
      : ["Still to be filled in:", ...placeholders.map(({ path, place }) => `  ${place.file}:${place.line}: ${path.join(".")}`)]),
    ...nextLines(result),
    "",
  ].join("\n")
}

function validatorLines({ name, pubkey, key, sealedAt }: InitialisedValidator): readonly string[] {
  return [
    `validator ${name}: ${KEY_SAYS[key]}`,
    `  public key ${pubkey}`,
    ...(sealedAt === undefined ? [] : [`  its state is sealed: nothing below height ${sealedAt} can be signed`]),
  ]
}

function nextLines({ file, placeholders }: Initialised): readonly string[] {
  const option = file === "gonka-ha.yaml" ? "" : ` -f ${file}`
  return [
    "Next:",
    ...(placeholders.length === 0 ? [] : [`  edit ${file}`]),
    `  gonka-ha validate${option}    every mistake at once`,
    `  gonka-ha render${option}      what every host will get, without secrets`,
    `  gonka-ha up${option}          shows a plan, asks, and makes it so`,
  ]
}
