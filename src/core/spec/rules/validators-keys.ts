import type { Found, Rule, RuleContext } from "../rule.ts"
import type { Spec } from "../schema.ts"

type Signer = Spec["validators"][string]["signer"]

const DEVICE_IS_WHOLE = "validators:\n  main:\n    signer: { provider: yubihsm, yubihsm: { adapter: usb, authKey: 1, signingKey: 2 } }\n"

const deviceIsDescribed: Rule = {
  id: "GHA-315",
  title: "The YubiHSM is described where it is used, and only there.",
  severity: "error",
  why: "tmkms does not start without the numbers of its keys, and a description that nobody reads misleads.",
  fix: "give `authKey` and `signingKey`, with `adapter: http` also `address`, or remove `yubihsm:`",
  bad: { yaml: "validators:\n  main:\n    signer: { provider: yubihsm, yubihsm: { adapter: http, authKey: 1, signingKey: 2 } }\n" },
  good: { yaml: DEVICE_IS_WHOLE },
  check: (context) => signers(context).flatMap(({ path, signer }) => deviceProblems(path, signer)),
}

function deviceProblems(path: readonly string[], { provider, yubihsm }: Signer): readonly Found[] {
  const at = [...path, "yubihsm"]
  if (provider !== "yubihsm") return yubihsm === undefined ? [] : [{ path: at, message: "describes a YubiHSM, which is not the provider" }]
  if (yubihsm === undefined) return [{ path: at, message: "is missing, though the provider is a YubiHSM" }]
  const missing = (["authKey", "signingKey"] as const).filter((key) => yubihsm[key] === undefined)
  return [
    ...missing.map((key) => ({ path: at, message: `does not name ${key}` })),
    ...(yubihsm.adapter === "http" && yubihsm.address === undefined
      ? [{ path: at, message: "reaches its device by http, and has no address for it" }]
      : []),
  ]
}

const providerHasBeenRun: Rule = {
  id: "GHA-316",
  title: "The key is held by softsign, the one provider that has been run.",
  severity: "warning",
  why: "What gonka-ha writes for a device follows the documentation of tmkms and has never been tried on one.",
  fix: "try it on a test network with your own device first, then suppress this with that as the reason",
  bad: { yaml: DEVICE_IS_WHOLE },
  good: { yaml: "validators:\n  main:\n    signer: { provider: softsign }\n" },
  check: (context) =>
    signers(context).flatMap(({ path, signer: { provider } }) =>
      provider === undefined || provider === "softsign"
        ? []
        : [{ path: [...path, "provider"], message: `${provider} is written from documentation and has never been run` }],
    ),
}

const keyIsWhereItIsHeld: Rule = {
  id: "GHA-317",
  title: "A key's source is named for softsign only.",
  severity: "error",
  why: "With a device the key never leaves it, so a file with the key means a second copy of it.",
  fix: "remove `key:`, or use provider softsign",
  bad: { yaml: "validators:\n  main:\n    signer: { provider: ledger, key: { file: consensus.key } }\n" },
  good: { yaml: "validators:\n  main:\n    signer: { provider: softsign, key: { file: consensus.key } }\n" },
  check: (context) =>
    signers(context).flatMap(({ path, signer: { provider, key } }) =>
      key !== undefined && provider !== undefined && provider !== "softsign"
        ? [{ path: [...path, "key"], message: `names a key, though ${provider} holds it` }]
        : [],
    ),
}

const secretHasOneSource: Rule = {
  id: "GHA-318",
  title: "A secret comes from exactly one place.",
  severity: "error",
  why: "With several, nobody can tell which key would sign; with none, there is no key.",
  fix: "write one of `{ file: PATH }`, `{ env: NAME }` and `{ command: COMMAND }`",
  bad: { yaml: "validators:\n  main:\n    signer: { key: { file: consensus.key, env: CONSENSUS_KEY } }\n" },
  good: { yaml: "validators:\n  main:\n    signer: { key: { env: CONSENSUS_KEY } }\n" },
  check: (context) =>
    signers(context).flatMap(({ path, signer: { key, yubihsm } }) => [
      ...sourceProblems([...path, "key"], key),
      ...sourceProblems([...path, "yubihsm", "password"], yubihsm?.password),
    ]),
}

function sourceProblems(path: readonly string[], reference: Signer["key"]): readonly Found[] {
  if (reference === undefined) return []
  const given = (["file", "env", "command"] as const).filter((key) => reference[key] !== undefined)
  if (given.length === 1) return []
  return [{ path, message: given.length === 0 ? "says neither file nor env nor command" : `has several sources: ${given.join(", ")}` }]
}

function signers({ spec }: RuleContext) {
  return Object.entries(spec.validators).map(([name, { signer }]) => ({ path: ["validators", name, "signer"], signer }))
}

export const KEYS_RULES: readonly Rule[] = [deviceIsDescribed, providerHasBeenRun, keyIsWhereItIsHeld, secretHasOneSource]
