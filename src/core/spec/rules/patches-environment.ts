import { serviceName } from "../../topology.ts"
import { environmentIn, type PatchedVariable } from "../compose-keys.ts"
import type { Found, Rule } from "../rule.ts"

export const environmentIsHarmless: Rule = {
  id: "GHA-522",
  title: "No environment variable of a service changes what it runs, reads or asks.",
  severity: "error",
  why: "A variable comes before the files: what `render` shows and the validator checks would not be what runs.",
  fix: "remove it; settings of a node go under its `config` or `app`",
  bad: { yaml: 'compose:\n  sentry-1: { environment: { INFERENCED_P2P_PEX: "false" } }\n' },
  good: { yaml: 'compose:\n  sentry-1: { environment: { GOGC: "75" } }\n' },
  check({ spec, shape }) {
    const tmkms = new Set([
      ...shape.nodes.map(({ name }) => serviceName.parking(name)),
      ...shape.validators.map(({ name }) => serviceName.signer(name)),
    ])
    return Object.entries(spec.compose ?? {}).flatMap(([service, patch]): readonly Found[] => {
      const variables = environmentIn(patch)
      if (tmkms.has(service))
        return variables.length === 0
          ? []
          : [
              {
                path: ["compose", service, "environment"],
                message: "is set for a signer, which takes nothing from its environment",
                fix: "remove it",
              },
            ]
      return variables.flatMap((variable) => {
        const message = problemOf(variable, spec.chain?.binary)
        return message === undefined ? [] : [{ path: ["compose", service, ...variable.path], message }]
      })
    })
  },
}

const PROGRAMS = "could make other programs run than the image's own"
const PLACES = "is set by gonka-ha alone: the node's home is where its checks look"
const NETWORK = "could lead what the node asks the network past the servers that are named"

/** By whole names and beginnings of names, in capitals: a proxy's name works in small letters, too. */
const REFUSED: readonly (readonly [pattern: RegExp, message: string])[] = [
  [/^(PATH|LD_.*|ENV|BASH_.*|BASHOPTS|SHELLOPTS|COSMOVISOR_CUSTOM_PREUPGRADE)$/, PROGRAMS],
  [/^(HOME|TMPDIR|DAEMON_HOME|DAEMON_NAME)$/, PLACES],
  [/^(.*_PROXY|CURL_.*|XDG_CONFIG_HOME)$/, NETWORK],
]

/** Undefined when nothing speaks against a variable of a node. */
function problemOf({ name, hasValue }: PatchedVariable, binary: string | undefined): string | undefined {
  const inCapitals = name.toUpperCase()
  // The SDK names its variables after the program; gonka-ha's own scripts have some, too.
  const prefixes = ["GONKA_HA_", "INFERENCED_", ...(binary === undefined ? [] : [`${binary.toUpperCase().replace(/[-.]/g, "_")}_`])]
  if (prefixes.some((prefix) => inCapitals.startsWith(prefix))) return `${name} would win over the files that gonka-ha renders`
  const refused = REFUSED.find(([pattern]) => pattern.test(inCapitals))
  if (refused !== undefined) return `${name} ${refused[1]}`
  return hasValue ? undefined : `${name} has no value here, so that of the shell on the host would be taken`
}
