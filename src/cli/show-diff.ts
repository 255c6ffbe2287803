import type { DiffView } from "../app/diff.ts"
import type { Drift, DriftForm, SettingDrift } from "../core/drift/drift.ts"
import { wrappedRow } from "./wrapped-row.ts"

const FORMS: Readonly<Record<DriftForm, string>> = {
  file: "rendered against installed files",
  container: "labels of containers",
  process: "installed files against processes",
}
/** Beyond this `--json` tells the rest. */
const MAX_SETTINGS = 12

export function diffText({ effective, drifts, unseen }: DiffView): string {
  const hosts = [...new Set(drifts.map(({ host }) => host))]
  const found = hosts.flatMap((host) => ["", host, ...formLines(drifts.filter((drift) => drift.host === host))])
  const hidden = unseen.flatMap(({ host, what, reason }) => wrappedRow([2, 74], [["?"], [`${host}, ${what}: ${reason}`]]))
  const compared = effective ? "files, containers and running nodes" : "files and containers; --effective asks the nodes, too"
  const end =
    drifts.length > 0
      ? `${drifts.length} found on ${hosts.length} ${hosts.length === 1 ? "host" : "hosts"}`
      : unseen.length > 0
        ? "no difference in what could be seen"
        : "no difference"
  return `${[`compared: ${compared}`, ...found, ...(hidden.length > 0 ? ["", "not seen", ...hidden] : []), "", end].join("\n")}\n`
}

function formLines(drifts: readonly Drift[]): string[] {
  return (["file", "container", "process"] as const).flatMap((form) => {
    const here = drifts.filter((drift) => drift.form === form)
    return here.length === 0 ? [] : [`  ${FORMS[form]}`, ...here.flatMap(driftLines)]
  })
}

function driftLines({ what, reason, settings, fix }: Drift): string[] {
  const rest = settings.length - MAX_SETTINGS
  return [
    ...wrappedRow([2, 1, 71], [[], ["~"], [`${what}: ${reason}`]]),
    ...settings.slice(0, MAX_SETTINGS).flatMap(settingLines),
    ...(rest > 0 ? [`       … and ${rest} more; --json has all`] : []),
    ...wrappedRow([5, 71], [[], [`fix: ${fix}`]]),
  ]
}

function settingLines({ key, meant, found }: SettingDrift): readonly string[] {
  return wrappedRow([5, 71], [[], [`${key}: is ${valueText(found)}, and ${valueText(meant)} is meant`]])
}

function valueText(value: string | undefined): string {
  return value === undefined ? "not set" : value === "" ? '""' : value
}
