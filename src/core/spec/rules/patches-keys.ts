import { checkPatch, type PatchProblem } from "../../node-keys/check-patch.ts"
import type { ConfigFile } from "../../node-keys/node-key.ts"
import { isNodeVersion } from "../../node-keys/versions.ts"
import type { Found, Rule, RuleContext } from "../rule.ts"
import { type PatchEntry, patchEntries } from "./patch-entries.ts"

/** Owned settings with a rule of their own, which says more than the table does. */
const TOLD_ELSEWHERE: Readonly<Record<string, (value: PatchEntry["value"]) => boolean>> = {
  "rpc.unsafe": (value) => value === true,
  "consensus.double_sign_check_height": (value) => value !== 0,
}

function problemsOf(context: RuleContext, file: ConfigFile, kind: PatchProblem["problem"]): readonly Found[] {
  const version = context.spec.versions?.node
  // Which versions there are is another rule's business.
  if (version === undefined || !isNodeVersion(version)) return []
  return patchEntries(context, file).flatMap(({ key, value, path }) =>
    checkPatch(file, { [key]: value }, version)
      .filter(({ problem }) => problem === kind && !(file === "config" && isToldElsewhere(key, value)))
      .map(({ reason, nearest }) => ({ path, message: reason, ...(nearest === undefined ? {} : { fix: `did you mean ${nearest}?` }) })),
  )
}

function isToldElsewhere(key: string, value: PatchEntry["value"]): boolean {
  return Object.hasOwn(TOLD_ELSEWHERE, key) && (TOLD_ELSEWHERE[key]?.(value) ?? false)
}

const UNKNOWN_WHY = "The node reads over a key that it does not know, so the setting would silently do nothing."
const UNKNOWN_FIX = "check its spelling; `gonka-ha check-image` shows whether your image knows more keys than this version"
const OWNED_WHY = "Another value would break what gonka-ha promises: who sees a node, who signs, how it is started again."
const OWNED_FIX = "remove the setting"
const TYPE_WHY = "The node would not start, or would read the value as something else."
const TYPE_FIX = "write the value as the message says"

const configKeyIsKnown: Rule = {
  id: "GHA-516",
  title: "Every setting under `config` is a key of config.toml.",
  severity: "error",
  why: UNKNOWN_WHY,
  fix: UNKNOWN_FIX,
  bad: { yaml: "sentries:\n  sentry-1: { config: { p2p: { max_inbound_peers: 80 } } }\n" },
  good: { yaml: "sentries:\n  sentry-1: { config: { p2p: { max_num_inbound_peers: 80 } } }\n" },
  check: (context) => problemsOf(context, "config", "unknown"),
}

const configKeyIsFree: Rule = {
  id: "GHA-517",
  title: "No setting under `config` is one that gonka-ha sets itself.",
  severity: "error",
  why: OWNED_WHY,
  fix: OWNED_FIX,
  bad: { yaml: "private:\n  node-1: { config: { p2p: { pex: true } } }\n" },
  good: { yaml: "private:\n  node-1: { config: { p2p: { send_rate: 10000000 } } }\n" },
  check: (context) => problemsOf(context, "config", "owned"),
}

const configValueFits: Rule = {
  id: "GHA-518",
  title: "Every value under `config` is of the type of its key.",
  severity: "error",
  why: TYPE_WHY,
  fix: TYPE_FIX,
  bad: { yaml: "private:\n  node-1: { config: { mempool: { size: many } } }\n" },
  good: { yaml: "private:\n  node-1: { config: { mempool: { size: 10000 } } }\n" },
  check: (context) => problemsOf(context, "config", "type"),
}

const appKeyIsKnown: Rule = {
  id: "GHA-519",
  title: "Every setting under `app` is a key of app.toml.",
  severity: "error",
  why: UNKNOWN_WHY,
  fix: UNKNOWN_FIX,
  bad: { yaml: "sentries:\n  sentry-1: { app: { iavl-cache: 100000 } }\n" },
  good: { yaml: "sentries:\n  sentry-1: { app: { iavl-cache-size: 100000 } }\n" },
  check: (context) => problemsOf(context, "app", "unknown"),
}

const appKeyIsFree: Rule = {
  id: "GHA-520",
  title: "No setting under `app` is one that gonka-ha sets itself.",
  severity: "error",
  why: OWNED_WHY,
  fix: OWNED_FIX,
  bad: { yaml: "private:\n  node-1: { app: { pruning: nothing } }\n" },
  good: { yaml: "private:\n  node-1: { pruning: { keepStates: 40000 } }\n" },
  check: (context) => problemsOf(context, "app", "owned"),
}

const appValueFits: Rule = {
  id: "GHA-521",
  title: "Every value under `app` is of the type of its key.",
  severity: "error",
  why: TYPE_WHY,
  fix: TYPE_FIX,
  bad: { yaml: "private:\n  node-1: { app: { telemetry: { enabled: maybe } } }\n" },
  good: { yaml: "private:\n  node-1: { app: { telemetry: { enabled: true } } }\n" },
  check: (context) => problemsOf(context, "app", "type"),
}

/** Rules about the keys of the patches of a node's two files, by the tables of its version. */
export const KEY_RULES: readonly Rule[] = [configKeyIsKnown, configKeyIsFree, configValueFits, appKeyIsKnown, appKeyIsFree, appValueFits]
