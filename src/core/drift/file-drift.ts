import type { HostSeen, Reading } from "../observe/state.ts"
import type { HostFiles } from "../render/fileset.ts"
import type { Compared, Drift } from "./drift.ts"
import { settingDrift } from "./setting-drift.ts"

/** Rendered against installed files. @param texts of installed files that differ, where they could be read */
export function fileDrift({ host, files }: HostFiles, seen: HostSeen, texts: ReadonlyMap<string, Reading<string>> | undefined): Compared {
  const drifts = files.flatMap(({ path, sha256, content }): Drift[] => {
    const installed = seen.files.get(path)
    if (installed === sha256) return []
    const fix = "`gonka-ha up` installs it"
    if (installed === undefined) return [{ host, form: "file", what: path, reason: "it is rendered and not installed", settings: [], fix }]
    const text = texts?.get(path)
    const settings = text?.kind === "seen" ? settingDrift(path, content, text.value) : []
    const unread = text?.kind === "unknown" ? `; ${text.reason}` : ""
    return [{ host, form: "file", what: path, reason: `what is installed is not what is rendered${unread}`, settings, fix }]
  })
  return { drifts, unseen: [] }
}
